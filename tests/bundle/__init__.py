"""The offline bundle: made, installed without a network, upgraded, taken back."""

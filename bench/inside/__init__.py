"""The parts of benches that run inside Yidang, each in a process of its own with its own data folder."""

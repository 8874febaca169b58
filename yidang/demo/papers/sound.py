"""Short recordings: a chime and murmuring, in place of the speeches that a hospital records."""

import io
import math
import random
import struct
import wave

RATE = 8000


def recording(rng: random.Random, *, seconds: float = 3.0) -> bytes:
    """A WAV file, one channel of 16 bits."""
    result = io.BytesIO()
    base = rng.uniform(300, 500)
    with wave.open(result, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        samples = bytearray()
        for place in range(int(RATE * seconds)):
            moment = place / RATE
            chime = math.sin(2 * math.pi * base * moment) * math.exp(-2 * (moment % 1.0))
            murmur = math.sin(2 * math.pi * 130 * moment) * math.sin(2 * math.pi * 3.1 * moment) * 0.3
            samples += struct.pack("<h", int(9000 * (chime + murmur) + rng.uniform(-250, 250)))
        sound.writeframes(bytes(samples))
    return result.getvalue()

"""Sounds: English speech by espeak-ng, noise, silence, and the same as MP3.

Here: how samples become WAV and MP3. Not here: what is said (letters).
The bytes of speech depend on the installed espeak-ng, those of MP3 on the LAME inside the locked PyAV.
"""

import array
import io
import random
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

from iimm_pipelines.sample.files import SampleError

_RATE = 16_000
# Words a minute. espeak-ng's own 175 is too fast for small recognisers.
_SPEED = 140
_TIMEOUT_SECONDS = 60


def spoken(text: str) -> bytes:
    """English speech as WAV (16 bits, mono, espeak-ng's 22,050 samples a second).

    Raises:
        SampleError: espeak-ng is not installed or fails.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise SampleError("espeak-ng is not installed. Install it: apt-get install espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "speech.wav"
        command = [program, "-v", "en-us", "-s", str(_SPEED), "-w", str(target), text]
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False)
        if done.returncode != 0 or not target.is_file():
            raise SampleError(
                f"espeak-ng ended with exit code {done.returncode}. Try: espeak-ng -v en-us -w a.wav test"
            )
        return target.read_bytes()


def noise(seconds: int) -> bytes:
    """White noise at a quarter of the full volume as WAV."""
    samples = array.array("h", random.Random(11).randbytes(2 * _RATE * seconds))
    return _wav(array.array("h", (sample // 4 for sample in samples)))


def silence(seconds: int) -> bytes:
    """Digital silence as WAV."""
    return _wav(array.array("h", bytes(2 * _RATE * seconds)))


def mp3(wav: bytes) -> bytes:
    """The recording as MP3, 48 kbit/s.

    Raises:
        SampleError: this build of PyAV has no encoder for MP3.
    """
    import av
    from av.audio.resampler import AudioResampler

    buffer = io.BytesIO()
    try:
        av.codec.Codec("libmp3lame", "w")
    except av.codec.codec.UnknownCodecError as exception:
        raise SampleError("This PyAV cannot write MP3. Install the locked wheel, which holds LAME.") from exception
    # Bit exact: no version of the library in the header.
    with (
        av.open(io.BytesIO(wav), "r") as source,
        av.open(buffer, "w", "mp3", options={"fflags": "+bitexact"}) as target,
    ):
        stream = target.add_stream("libmp3lame", rate=_RATE)
        stream.bit_rate = 48_000
        stream.layout = "mono"
        resampler = AudioResampler("s16p", "mono", _RATE)
        for frame in [*source.decode(audio=0), None]:
            for piece in resampler.resample(frame):
                target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def _wav(samples: "array.array[int]") -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(samples.tobytes())
    return buffer.getvalue()

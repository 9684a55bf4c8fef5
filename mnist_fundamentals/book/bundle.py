"The bundled MNIST: one file of 40 arrays, and a digest of each"
import hashlib
from importlib.resources import files
import numpy as np

HERE = files('mnist_fundamentals')   # the folder of the installed package

def open_bundle():
    "The arrays `train_0` to `valid_9`, uint8 [n,28,28], and each one's `..._index`; close it after use"
    return np.load(HERE/'mnist.npz', allow_pickle=False)

def damaged_arrays() -> list:   # names of the arrays that are not as they should be
    "Compare every array of the bundle with its recorded SHA-256 digest"
    lines = (HERE/'mnist.sha256').read_text(encoding='utf-8').splitlines()
    with open_bundle() as bundle:
        return [name for digest, name in map(str.split, lines)
                if hashlib.sha256(bundle[name].tobytes()).hexdigest() != digest]

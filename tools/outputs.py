"""Execute notebooks, each in a fresh kernel on the CPU, and keep their outputs in place.

    python tools/outputs.py [nbs/00_data.ipynb ...]   # all of nbs/ when none is named

The outputs are those of constraints.txt; a second run changes nothing. Where a cell fails, that
notebook is left as it was.
"""
import subprocess, sys, tempfile
from pathlib import Path
import nbformat
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from mnist_fundamentals.cli import Problem, drop_widgets, execute_notebook, kernel_env
from mnist_fundamentals.data import mnist_sample

ROOT = Path(__file__).resolve().parents[1]

def refresh(path):
    nb = nbformat.read(path, as_version=4)
    execute_notebook(nb, env=kernel_env(MNIST_FUNDAMENTALS_DEVICE='cpu'))
    # what a cell prints comes in pieces, more of them on a slow machine
    nb, _ = CoalesceStreamsPreprocessor().preprocess(nb, {})
    drop_widgets(nb)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)/path.name
        nbformat.write(nb, work)
        clean = Path(sys.executable).with_name('nbdev-clean')
        subprocess.run([clean, '--fname', work], cwd=ROOT, check=True)
        path.write_bytes(work.read_bytes())

def main(names):
    mnist_sample()
    failed = []
    for path in map(Path, names) if names else sorted((ROOT/'nbs').glob('*.ipynb')):
        print(path.name, flush=True)
        try: refresh(path.resolve())
        except Problem as error: failed.append(f'{path.name}, {error}')
    if failed: sys.exit('\n'.join(failed))

if __name__ == '__main__': main(sys.argv[1:])

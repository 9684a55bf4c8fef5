"""Execute notebooks, each in a fresh kernel on the CPU, and keep or check their outputs.

    python tools/outputs.py [nbs/00_data.ipynb ...]          # all of nbs/ when none is named
    python tools/outputs.py --check [nbs/00_data.ipynb ...]  # exit 1 if an output is not the committed one

The outputs are those of constraints.txt, to the last digit and pixel; a second run changes nothing.
Where a cell fails, that notebook is left as it was.
"""
import difflib, json, subprocess, sys, tempfile
from pathlib import Path
import nbformat
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from mnist_fundamentals.cli import Problem, drop_widgets, execute_notebook, kernel_env
from mnist_fundamentals.data import mnist_sample

ROOT = Path(__file__).resolve().parents[1]

def executed(path):
    "The notebook's bytes after an execution, as nbdev-clean writes them"
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
        return work.read_bytes()

def outputs(notebook):
    "Cell id to the lines of its outputs, one output a JSON text"
    cells = json.loads(notebook)['cells']
    return {c['id']: [json.dumps(o, indent=1, ensure_ascii=False) for o in c['outputs']]
            for c in cells if c['cell_type'] == 'code'}

def compare(name, old, new):
    "How many outputs the committed notebook has, and the cells whose outputs differ"
    old, new = outputs(old), outputs(new)
    wrong = [cell for cell in old if old[cell] != new[cell]]
    for cell in wrong:
        lines = ['\n'.join(texts).splitlines() for texts in (old[cell], new[cell])]
        for line in difflib.unified_diff(*lines, f'{name}, {cell}, committed', 'executed', '', '', 1, ''):
            print(line[:160])
    return sum(map(len, old.values())), wrong

def main(names):
    check, names = '--check' in names, [name for name in names if name != '--check']
    mnist_sample()
    failed, total = [], 0
    for path in map(Path, names) if names else sorted((ROOT/'nbs').glob('*.ipynb')):
        path = path.resolve()
        try: new = executed(path)
        except Problem as error:
            failed.append(f'{path.name}, {error}')
            continue
        count, wrong = compare(path.name, path.read_bytes(), new)
        total += count
        print(f'{path.name}: {count} outputs, {len(wrong)} cells changed', flush=True)
        if not check: path.write_bytes(new)
        elif wrong: failed.append(f'{path.name}: not what the code gives: {", ".join(wrong)}')
    print(f'{total} outputs compared')
    if failed: sys.exit('\n'.join(failed))

if __name__ == '__main__': main(sys.argv[1:])

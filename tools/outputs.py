"""Execute notebooks, two at a time, each in a fresh kernel on the CPU, and keep or check their outputs.

    python tools/outputs.py [nbs/00_data.ipynb ...]          # all of nbs/ when none is named
    python tools/outputs.py --check [nbs/00_data.ipynb ...]  # exit 1 if an output is not the committed one

On the platform that constraints.txt records, every text, table and picture must be the committed one,
to the last digit and pixel, and a second run of the first command changes nothing. Elsewhere sums are
rounded in other ways: there, a number with a decimal point may be off by one in its last printed digit
or by RELATIVE of itself, and a picture by PIXELS grey levels on average.

A cell with the tag `not compared: REASON` is left out everywhere, one with the tag
`not compared elsewhere: REASON` on other platforms; how many were is printed, and why.
Where a cell fails, that notebook is left as it was.
"""
import argparse, asyncio, base64, difflib, io, json, platform, re, subprocess, sys, tempfile
from importlib import metadata
from pathlib import Path
import nbformat
import numpy as np
import torch
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from PIL import Image
from mnist_fundamentals.book.console import Problem
from mnist_fundamentals.book.execute import execute, kernel_env
from mnist_fundamentals.book.pages import drop_widgets
from mnist_fundamentals.book.sample import mnist_sample

ROOT = Path(__file__).resolve().parents[1]
THREADS, PIXELS, RELATIVE = 2, 2., 1e-3
ROUNDING = ['torch', 'torchvision', 'numpy', 'fastai', 'pandas', 'matplotlib', 'pillow']   # they shape outputs
NUMBER = re.compile(r'(?<![\w.])(\d+\.\d*(?:e[+-]?\d+)?|\d+e-?\d+)')

def this_platform():
    "What decides how sums are rounded and figures drawn, in one line"
    cpu = Path('/proc/cpuinfo')
    maker = re.search(r'vendor_id\s*: (\w+)', cpu.read_text())[1] if cpu.exists() else platform.processor()
    return f'{platform.system()} {platform.machine()}, {maker}, {torch.backends.cpu.get_cpu_capability()}'

def recorded_platform():
    "The same of the machine on which the committed outputs were computed"
    text = (ROOT/'constraints.txt').read_text(encoding='utf-8')
    pins = dict(re.findall(r'(?m)^([\w-]+)==(\S+)', text))
    return re.search(r'(?m)^# Platform: (.+)$', text)[1], {name: pins[name] for name in ROUNDING}

def is_recorded():
    "Is this that platform, with the recorded versions?"
    name, pins = recorded_platform()
    return this_platform() == name and all(metadata.version(p).split('+')[0] == v for p, v in pins.items())

def as_committed(nb, name):
    "An executed notebook's bytes, as nbdev-clean writes them"
    # what a cell prints comes in pieces, more of them on a slow machine
    nb, _ = CoalesceStreamsPreprocessor().preprocess(nb, {})
    drop_widgets(nb)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)/name
        nbformat.write(nb, work)
        clean = Path(sys.executable).with_name('nbdev-clean')
        subprocess.run([clean, '--fname', work], cwd=ROOT, check=True)
        return work.read_bytes()

async def executed(paths):
    "For each notebook its bytes after an execution, or the Problem that it met"
    threads = dict.fromkeys(['OMP_NUM_THREADS', 'MKL_NUM_THREADS'], str(THREADS))
    # two notebooks share the cores: a thread that waits for its partner should sleep
    env, two = kernel_env(MNIST_FUNDAMENTALS_DEVICE='cpu', OMP_WAIT_POLICY='passive', **threads), asyncio.Semaphore(2)
    async def one(path):
        nb = nbformat.read(path, as_version=4)
        async with two:
            try: await execute(nb, env=env)
            except Problem as problem: return problem
        return as_committed(nb, path.name)
    # the last ones take longest: begun first, they leave no core idle at the end
    return (await asyncio.gather(*map(one, reversed(paths))))[::-1]

def left_out(cell, exact):
    "The tag that says why a cell's outputs are not compared, or None"
    kinds = ('not compared:',) if exact else ('not compared:', 'not compared elsewhere:')
    return next((tag for tag in cell['metadata'].get('tags', []) if tag.startswith(kinds)), None)

def parts(output):
    "An output as pairs of a kind, such as text/plain, and its text; a picture's text is base64"
    if output['output_type'] == 'stream': return [(output['name'], ''.join(output['text']))]
    if output['output_type'] == 'error': return [('error', f"{output['ename']}: {output['evalue']}")]
    text = lambda v: ''.join(v) if isinstance(v, list) else v if isinstance(v, str) else json.dumps(v, sort_keys=True)
    return [(kind, text(v)) for kind, v in sorted(output['data'].items())]

def outputs(notebook, exact):
    "Cell id to its outputs, as `parts`, and cell id to the tag that says why it is left out"
    code = [c for c in json.loads(notebook)['cells'] if c['cell_type'] == 'code']
    reasons = {c['id']: reason for c in code if (reason := left_out(c, exact))}
    return {c['id']: [parts(o) for o in c['outputs']] for c in code if c['id'] not in reasons}, reasons

def close_text(old, new):
    "Are two texts the same but for rounding?"
    old, new = NUMBER.split(old), NUMBER.split(new)
    if len(old) != len(new) or old[::2] != new[::2]: return False
    def near(a, b):
        unit = 10.**-len(re.match(r'\d+\.?(\d*)', a)[1])*10.**int((a.partition('e')[2] or '0'))
        return abs(float(a) - float(b)) <= max(1.01*unit, RELATIVE*abs(float(a)))
    return all(map(near, old[1::2], new[1::2]))

def close_picture(old, new):
    "Do two pictures have one size and differ by PIXELS of 255 grey levels or less, on average?"
    old, new = (np.asarray(Image.open(io.BytesIO(base64.b64decode(b))).convert('L'), float) for b in (old, new))
    return old.shape == new.shape and np.abs(old - new).mean() <= PIXELS

def same(old, new, exact):
    "Are two cells' outputs the same: to the last digit and pixel, or but for rounding?"
    if exact or old == new: return old == new
    old, new = ([pair for output in cell for pair in output] for cell in (old, new))
    close = lambda kind, a, b: (close_picture if kind.startswith('image/') else close_text)(a, b)
    return [k for k, _ in old] == [k for k, _ in new] and all(close(k, a, b) for (k, a), (_, b) in zip(old, new))

def lines(cell):
    "A cell's outputs as lines to show"
    return [line for output in cell for kind, text in output for line in
            ([f'{kind} of {len(text)} characters'] if kind.startswith('image/') else text.splitlines())]

def compare(name, old, new, exact=True):
    "How many outputs were compared, how many cells left out, which cells differ, and a text that shows where"
    (old, reasons), (new, _) = outputs(old, exact), outputs(new, exact)
    wrong = [cell for cell in old if not same(old[cell], new[cell], exact)]
    shown = []
    for cell in wrong:
        diff = list(difflib.unified_diff(lines(old[cell]), lines(new[cell]), f'{name}, cell {cell}, committed',
                                         'what the code gives', lineterm='', n=1))
        shown += [line[:160] for line in diff] or [f'{name}, cell {cell}: another picture, or outputs in another order']
    shown += [f'{name}, cell {cell}: {reason}' for cell, reason in reasons.items()]
    return sum(map(len, old.values())), len(reasons), wrong, '\n'.join(shown)

def main(args):
    parser = argparse.ArgumentParser()
    parser.add_argument('--check', action='store_true')
    parser.add_argument('notebooks', nargs='*', type=Path)
    args = parser.parse_args(args)
    exact, failed, total, skipped = is_recorded(), [], 0, 0
    print(f"{this_platform()}: compared {'exactly' if exact else 'but for rounding'}")
    mnist_sample()
    paths = [path.resolve() for path in args.notebooks or sorted((ROOT/'nbs').glob('*.ipynb'))]
    for path, new in zip(paths, asyncio.run(executed(paths))):
        if isinstance(new, Problem):
            failed.append(f'{path.name}, {new}')
            continue
        count, out, wrong, shown = compare(path.name, path.read_bytes(), new, exact)
        total, skipped = total + count, skipped + out
        if shown: print(shown)
        print(f'{path.name}: {count} outputs compared, {len(wrong)} cells differ', flush=True)
        if not args.check: path.write_bytes(new)
        elif wrong: failed.append(f'{path.name}: not what the code gives: {", ".join(wrong)}')
    print(f'{total} outputs compared, {skipped} cells left out')
    if failed: sys.exit('\n'.join(failed))

if __name__ == '__main__': main(sys.argv[1:])

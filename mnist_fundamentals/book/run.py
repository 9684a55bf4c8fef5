"Executing the book: all notebooks, their pages, and a table of the models"
import asyncio, json, os, sys
from collections import deque
from functools import partial
from pathlib import Path
from time import perf_counter
import nbformat
from tqdm import tqdm
from . import notebooks
from .console import Problem, pick_device, versions
from .execute import code_cells, execute, kernel_env
from .pages import save_pages
from .results import MIME, MODELS, TEN_MODELS, VALID
from .sample import mnist_sample

async def run_books(books, jobs, on_cell, on_end, **options):
    """Execute notebooks, name to notebook, `jobs` of them at a time.

    Every second job begins at the end of the book: late chapters are long and need memory, early
    ones are short and light, so they go well together.
    `on_cell(name, cell, number, total, seconds)` is as in `execute_notebook`; `on_end(name, nb,
    seconds)` is called for each that was begun, never twice at once. After one that fails no other
    is begun, and a Problem is raised."""
    waiting, ending, failed = deque(books.items()), asyncio.Lock(), []
    async def work(take):
        while waiting and not failed:
            name, nb = take()
            start = perf_counter()
            try: await execute(nb, partial(on_cell, name), **options)
            except Problem as error: failed.append(f'{name}, {error}')
            finally:
                async with ending:
                    await asyncio.to_thread(on_end, name, nb, perf_counter() - start)
    try:
        async with asyncio.TaskGroup() as group:
            for job in range(jobs): group.create_task(work((waiting.popleft, waiting.pop)[job % 2]))
    except ExceptionGroup as several: raise several.exceptions[0] from None
    if failed: raise Problem('; '.join(failed))

def write_report(out, device, jobs, seconds, found, ended) -> list:   # the models, in the book's order
    "Write results.json and index.html"
    stages = {}   # of each model the first in the book
    for result in sorted(found, key=lambda r: r['notebook']):
        stages.setdefault(result['model'], result)
    report = dict(device=device, jobs=jobs, versions=versions(), seconds=seconds,
                  stages=list(stages.values()))
    (out/'results.json').write_text(json.dumps(report, indent=2) + '\n', encoding='utf-8')
    links = ''.join(f'<li><a href="{name}.html">{name}</a></li>\n' for name in sorted(ended))
    page = '<!DOCTYPE html><meta charset="utf-8"><title>mnist_fundamentals</title>\n<ul>\n'
    (out/'index.html').write_text(page + links + '</ul>\n', encoding='utf-8')
    return report['stages']

def print_table(stages):
    "A line for each model"
    print(f'{"model":<18}{"correct":>15}{"accuracy":>10}{"parameters":>12}{"seconds":>9}')
    for s in stages:
        of = s.get('of', VALID)
        correct = f'{round(s["accuracy"]*of):,} of {of:,}'
        print(f'{s["model"]:<18}{correct:>15}{s["accuracy"]:>10.4f}'
              f'{s["parameters"]:>12,}{s["seconds"]:>9.1f}')

def run(args):
    "The command: execute the notebooks; write their pages and results.json"
    paths = notebooks.chapters(args.only)
    device, out = str(pick_device(args.device)), Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    mnist_sample()
    begin, found, ended = perf_counter(), [], []
    books = {path.stem: nbformat.read(path, as_version=4) for path in paths}
    cells = sum(len(code_cells(nb, controls=False)) for nb in books.values())
    bar = tqdm(total=cells, unit='cell', disable=None)   # None: only when stderr is a terminal
    env = kernel_env(MNIST_FUNDAMENTALS_DEVICE=device)
    # a thread that waits for its partner would keep the core from the other notebook
    if args.jobs > 1: env.setdefault('OMP_WAIT_POLICY', 'passive')
    # and two threads of each notebook on half the cores take longer than one
    env.setdefault('OMP_NUM_THREADS', str(max(1, (os.cpu_count() or 1)//args.jobs)))
    def follow(name, cell, number, total, seconds):
        if seconds is None: return bar.set_description(f'{name} {number}/{total}')
        bar.update()
        for data in [output.get('data', {}) for output in cell.outputs]:
            if (result := data.get(MIME, {})).get('model') in MODELS + TEN_MODELS:
                found.append(dict(notebook=name, **result, seconds=seconds))
    def end(name, nb, seconds):
        save_pages(nb, name, out)
        ended.append(name)
        bar.write(f'{name}: {seconds:.1f} s', file=sys.stderr)
    try: asyncio.run(run_books(books, args.jobs, follow, end, env=env, controls=False))
    finally:
        bar.close()
        seconds = perf_counter() - begin
        stages = write_report(out, device, args.jobs, seconds, found, ended)
    print_table(stages)
    print(f'{seconds:.0f} s on {device}; the pages are in {out/"index.html"}')
    return 0

"""The way of the post that this book reproduces, PyTorch's plain way and this package's way, side by side;
and, for ten digits, PyTorch's official example and the small net of chapter 10.

    make bench                                            # three rounds of everything: an hour
    make bench ARGS="--rounds 1 --stages data,hand_loop --out some.json"
    make bench ARGS=--resume                              # go on where it was interrupted

Each measurement is a process of its own, and the ways take turns. The result goes to
mnist_fundamentals/bench.json, which the appendix on speed and its figures read, and is written after every
measurement. Run it on a machine that does nothing else.
"""
import argparse, json, os, platform, subprocess, sys, threading, time
from importlib.metadata import version
from pathlib import Path
import psutil

HERE = Path(__file__).resolve().parent
OUT = HERE.parent/'mnist_fundamentals'/'bench.json'
FIGURE = HERE.parent/'results'/'bench.png'
WAYS = ['original', 'plain', 'ours']
STAGES = ['imports', 'data', 'pixel_similarity', 'hand_loop', 'learner_linear', 'simple_net',
          'simple_net_loop', 'resnet18', 'start_up', 'changes', 'profile', 'limit', 'growth', 'threads',
          'predict', 'book', 'ten_digits', 'ten_digits_bfloat16', 'ten_changes', 'ten_limit']
ONLY_OURS = {'simple_net_loop', 'start_up', 'changes', 'profile', 'limit', 'growth', 'threads', 'predict',
             'ten_digits_bfloat16', 'ten_changes', 'ten_limit'}

def ways_of(stage):
    "By which ways is it measured?"
    if stage in ONLY_OURS: return ['ours']
    return dict(ten_digits=['official', 'ours'], book=['original', 'ours']).get(stage, WAYS)

def machine():
    "What the times depend on"
    found = [line.partition(':')[2].strip() for line in Path('/proc/cpuinfo').read_text().splitlines()
             if line.startswith('model name')] if Path('/proc/cpuinfo').exists() else []
    names = 'torch', 'torchvision', 'fastai', 'numpy'
    return dict(cpu=found[0] if found else platform.machine(), cores=os.cpu_count(),
                python=platform.python_version(), **{name: version(name) for name in names})

def resident(process):
    "Bytes of a process and its children; what they share is counted once, where the system tells"
    total = 0
    for p in [process, *process.children(recursive=True)]:
        try: info = p.memory_full_info() if sys.platform == 'linux' else p.memory_info()
        except psutil.Error: continue            # it has ended
        total += getattr(info, 'pss', info.rss)
    return total

def measure(way, stage):
    "Run one stage of one way; its result, with the peak of memory in MiB"
    command = [sys.executable, '-W', 'ignore', HERE/f'{way}.py', stage]
    env = os.environ | dict(MNIST_FUNDAMENTALS_DEVICE='cpu', PYTHONPATH=str(HERE.parent))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    peak, watched = 0, psutil.Process(process.pid)
    def watch():
        nonlocal peak
        while process.returncode is None:
            try: peak = max(peak, resident(watched))
            except psutil.Error: return
            time.sleep(.3)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    printed = process.communicate()[0]
    watcher.join()
    if process.returncode: sys.exit(f'{way} {stage} failed with {process.returncode}')
    return json.loads(printed.splitlines()[-1]) | dict(memory=peak/2**20)

def plan(stages, rounds):
    "Every measurement in the order in which it is taken: the ways take turns, and so does who begins"
    for r in range(rounds):
        for stage in stages:
            if stage in ('profile', 'growth') and r: continue
            ways = ways_of(stage)
            first = r % len(ways)
            for way in ways[first:] + ways[:first]: yield r, stage, way

def main():
    p = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    p.add_argument('--rounds', type=int, default=3)
    p.add_argument('--stages', default=','.join(STAGES), help='default: %(default)s')
    p.add_argument('--out', type=Path, default=OUT)
    p.add_argument('--resume', action='store_true', help='keep what --out holds and measure the rest')
    args = p.parse_args()
    stages = args.stages.split(',')
    if unknown := set(stages) - set(STAGES): p.error(f'there is no stage {", ".join(unknown)}')
    results = json.loads(args.out.read_text()) if args.resume and args.out.exists() else {}
    here = machine()
    results = dict(machine=results.get('machine', here), stages=results.get('stages', {}),
                   elsewhere=results.get('elsewhere', {}))
    for r, stage, way in plan(stages, args.rounds):
        taken = results['stages'].setdefault(stage, {}).setdefault(way, [])
        if len(taken) > r: continue
        taken.append(measure(way, stage))
        if here != results['machine']: results['elsewhere'][stage] = here    # measured on another machine
        said = {k: round(v, 3) for k, v in taken[-1].items() if isinstance(v, float)}
        print(f'round {r + 1}: {stage}, {way}:', said, flush=True)
        args.out.write_text(json.dumps(results, indent=1) + '\n')
    from mnist_fundamentals.book.bench import compare_ways, plot_ways
    from mnist_fundamentals.book.race import ten_race
    for table in compare_ways, ten_race:
        try: print(table(results).to_string())
        except ValueError as missing: print(missing)
    if args.out != OUT: return
    FIGURE.parent.mkdir(exist_ok=True)
    plot_ways(results).figure.savefig(FIGURE, dpi=120)
    print(f'The picture is in {FIGURE}. Now: make outputs, and make readme.')

if __name__ == '__main__': main()

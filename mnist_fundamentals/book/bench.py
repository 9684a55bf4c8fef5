"What `make bench` measured, as tables and figures"
import json
from statistics import median
import matplotlib.pyplot as plt
import pandas as pd
from .bundle import HERE
from .results import MODELS, VALID
from .studies import seed_study
from .style import COLOURS

STAGES = dict(pixel_similarity='averages', simple_net='net_learner', simple_net_loop='net_loop',
              resnet18='resnet')   # as tables call stages whose names are those of the book's models

def bench_results() -> dict:   # machine, and stages: stage to way to a list of runs
    "What `make bench` measured, with times in seconds and memory in MiB"
    return json.loads((HERE/'bench.json').read_text(encoding='utf-8'))

def bench_values(results, stage, way, key='seconds'):
    "What the runs of a stage measured, a number a round"
    if stage == 'simple_net_loop' and way != 'ours': stage = 'simple_net'  # one stage of theirs
    runs = results.get('stages', {}).get(stage, {}).get(way, [])
    return [run[key] for run in runs if key in run]

def bench_median(results, stage, way='ours', key='seconds'):
    "The median of `bench_values`"
    values = bench_values(results, stage, way, key)
    if not values: raise ValueError(f'results have no {key} of {stage}, {way}: run make bench')
    return median(values)

def bench_changes(
    results,           # as from `bench_results`
    stage='changes',   # or 'ten_changes'
) -> dict:
    "Change to the seconds of an epoch's steps after it: the medians over the rounds"
    runs = results.get('stages', {}).get(stage, {}).get('ours', [])
    if not runs: raise ValueError(f'results have no stage {stage}: run make bench')
    return {name: median(run[name] for run in runs) for name in runs[0] if name not in ('memory', 'accuracies')}

def bench_profile(results) -> dict:   # way to a Series: operation to seconds, the longest first
    "Where the seconds of an epoch's training steps go: the original's, without its files, and ours"
    runs = results.get('stages', {}).get('profile', {}).get('ours', [])
    if not runs: raise ValueError('results have no stage profile: run make bench')
    seconds = bench_changes(results)
    seconds['the original'] = seconds['pictures in memory']   # its steps, without the files
    return {way: seconds[way]*pd.Series(share).rename(lambda name: name.removeprefix('aten::'))
            for way, share in runs[-1].items() if way != 'memory'}

def plot_profile(
    results,    # as from `bench_results`
    n=7,        # how many operations of each way
) -> list:      # of two axes
    "The operations that take most of an epoch's training steps: the original's, and ours"
    fig, axs = plt.subplots(1, 2, figsize=(9, .3*n + .9), sharex=True)
    for ax, (way, seconds), i in zip(axs, bench_profile(results).items(), (1, 0)):
        seconds = seconds[:n][::-1]
        ax.barh(seconds.index, seconds, color=COLOURS[i])
        ax.set(xlabel='seconds of an epoch', title=way)
        ax.grid(axis='y', visible=False)
    return axs

def plot_growth(
    results,    # as from `bench_results`
) -> list:      # of two axes
    "Seconds of an epoch by the number of pictures; milliseconds a picture by the size of a batch"
    runs = results.get('stages', {}).get('growth', {}).get('ours', [])
    if not runs: raise ValueError('results have no stage growth: run make bench')
    pictures, seconds = zip(*runs[-1]['data'])
    sizes, price = zip(*runs[-1]['batch'])
    fig, axs = plt.subplots(1, 2, figsize=(8, 2.8))
    axs[0].plot(pictures, seconds, marker='o', label='measured')
    axs[0].plot([0, pictures[-1]], [0, seconds[0]*pictures[-1]/pictures[0]], color='black', ls='--',
                label='twice the pictures,\ntwice the time')
    axs[0].set(xlabel='pictures', ylabel='seconds of an epoch', xlim=0, ylim=0)
    axs[0].legend()
    axs[1].plot(sizes, price, marker='o')
    axs[1].set(xscale='log', xlabel='pictures a batch', ylabel='milliseconds a picture', ylim=0)
    axs[1].set_xticks(sizes, sizes)
    axs[1].minorticks_off()
    return axs

def plot_waterfall(
    results,           # as from `bench_results`
    ax=None,           # where to draw; a new figure when None
    stage='changes',   # of resnet18; or 'ten_changes', from the official example to the small net
    limit='limit',     # or 'ten_limit'
) -> plt.Axes:
    "Seconds of an epoch, from another's way to ours, one change at a time"
    names, seconds = zip(*bench_changes(results, stage).items())
    limit = bench_median(results, limit, key='epoch')
    if ax is None: ax = plt.subplots(figsize=(7.5, 3.6))[1]
    ax.barh(names[0], seconds[0], color=COLOURS[1])
    for name, before, after in zip(names[1:], seconds, seconds[1:]):
        colour = COLOURS[2] if after < before else COLOURS[3]
        ax.barh(name, before - after, left=after, color=colour)
        change = round(after - before, 1)
        ax.text(max(before, after), name, f' {change:+.1f} s' if change else ' 0.0 s', va='center')
    for label, colour in ('saved', COLOURS[2]), ('lost', COLOURS[3]):
        ax.barh(names[0], 0, color=colour, label=label)   # seen in the legend only
    ax.barh('ours', seconds[-1], color=COLOURS[0])
    for name, value in ((names[0], seconds[0]), ('ours', seconds[-1])):
        ax.text(value, name, f' {value:.1f} s', va='center')
    ax.axvline(limit, color='black', ls='--', label=f'limit: {limit:.1f} s')
    ax.set(xlabel="seconds of an epoch's training steps", xlim=(0, 1.12*max(seconds)))
    ax.invert_yaxis()
    ax.grid(axis='y', visible=False)
    ax.legend(loc='lower right')
    return ax

def bench_fits(results, predicted) -> pd.DataFrame:   # a row a change
    "What changes should have saved and did, in seconds: between medians, and the least and most of a round"
    rounds = pd.DataFrame(results['stages']['changes']['ours']).drop(columns='memory')
    each = -rounds.diff(axis=1)      # a row a round, a column a change
    table = pd.DataFrame({'predicted': predicted, 'saved': -rounds.median().diff(),
                          'least': each.min(), 'most': each.max()}).loc[list(predicted)]
    table['fits'] = (table.saved/table.predicted).between(1/1.5, 1.5)
    return table

def compare_models(results) -> pd.DataFrame:   # a row a model
    "Milliseconds a picture, one at a time and in batches of 256; megabytes; mistakes, the mean over the seeds"
    runs = results.get('stages', {}).get('predict', {}).get('ours', [])
    if not runs: raise ValueError('results have no stage predict: run make bench')
    rows = {name: [*(median(run[name][key] for run in runs) for key in ('one', 'batch')), runs[0][name]['bytes']/1e6,
                   VALID*(1 - bench_median(results, name, key='accuracy')) if name == 'pixel_similarity'
                   else VALID - seed_study(name).right.mean()] for name in MODELS}
    return pd.DataFrame.from_dict(rows, orient='index', columns=['one', 'batch', 'megabytes', 'mistakes'])

def plot_models(models) -> list:   # of three axes
    "The three questions: how fast, how much memory, how many mistakes; on logarithmic axes"
    fig, axs = plt.subplots(1, 3, figsize=(9.5, 2.3), sharey=True)
    for ax, key, label, colour in zip(axs, ['one', 'megabytes', 'mistakes'],
                                      ['milliseconds a picture', 'megabytes', f'mistakes of {VALID:,}'], COLOURS):
        ax.plot(models[key], models.index, 'o', ms=8, color=colour)
        for name, value in models[key].items():
            ax.annotate(f'{value:.2g}', (value, name), (8, 0), textcoords='offset points', va='center')
        ax.set(xscale='log', xlabel=label, xlim=(models[key].min()/2, 8*models[key].max()), ylim=(-.5, len(models) - .5))
    axs[0].invert_yaxis()
    return axs

def compare_ways(
    results,        # as from `bench_results`
) -> pd.DataFrame:  # a row a stage: seconds, ratio original/ours, peak MiB and accuracy, by way
    "The original way, PyTorch's plain way and ours: medians over the rounds"
    rows = {}
    for stage in results.get('stages', {}):
        times = {way: bench_values(results, stage, way) for way in ('original', 'plain', 'ours')}
        if not (times['original'] and times['ours']): continue
        row = {way: median(values) for way, values in times.items() if values}
        row['ratio'] = row['original']/row['ours']
        ratios = [a/b for a, b in zip(times['original'], times['ours'])]
        row['low'], row['high'] = min(ratios), max(ratios)
        for key in 'memory', 'accuracy':
            for way in times:
                values = bench_values(results, stage, way, key)
                row[f'{key}, {way}'] = median(values) if values else float('nan')
        rows[STAGES.get(stage, stage)] = row
    if not rows: raise ValueError('results have no stage of the original and ours: run make bench')
    return pd.DataFrame.from_dict(rows, orient='index')

def plot_ways(
    results,    # as from `bench_results`
    ax=None,    # where to draw; a new figure when None
) -> plt.Axes:
    "Seconds of each stage by way, on a logarithmic axis; beside it how many times faster ours is"
    table = compare_ways(results)
    longest = table[[way for way in ('original', 'plain', 'ours') if way in table]].max(axis=1)
    if ax is None: ax = plt.subplots(figsize=(7.5, .45*len(table) + 1))[1]
    for shift, way, colour in zip((-.27, 0, .27), ('original', 'plain', 'ours'),
                                  (COLOURS[1], COLOURS[5], COLOURS[0])):
        if way not in table: continue
        ax.barh([i + shift for i in range(len(table))], table[way], .25, label=way, color=colour)
    for i, (seconds, ratio) in enumerate(zip(longest, table.ratio)):
        ax.text(seconds*1.1, i, f'{ratio:.1f} times' if ratio < 20 else f'{ratio:.0f} times')
    ax.set(xscale='log', xlabel='seconds', yticks=range(len(table)), yticklabels=table.index)
    ax.set_xlim(right=5*longest.max())
    ax.invert_yaxis()
    ax.grid(axis='y', visible=False)
    ax.legend(loc='upper left', bbox_to_anchor=(1, 1))
    return ax

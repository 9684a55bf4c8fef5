"Chapter 9's figures of studies/depth.py and of kernels before and after training"
import matplotlib.pyplot as plt
import torch.nn.functional as F
from .style import COLOURS, show_picture

def draw_mistakes(study):   # what `depth_study` gives
    "A panel for each question, a row for each net, a dot for each seed, a stroke at their mean"
    questions = list(study[~study.peak.isna()].question.unique())
    fig, axs = plt.subplots(1, len(questions), figsize=(8.5, 2.8), sharey=True, squeeze=False)
    for ax, question in zip(axs[0], questions):
        rows = study[(study.question == question) & ~study.peak.isna()]
        nets = list(rows.model.unique())
        for i, (net, colour) in enumerate(zip(nets, COLOURS)):
            wrong = 100*(1 - rows[rows.model == net]['0']/rows[rows.model == net].of)
            spread = [.5*(j/max(len(wrong) - 1, 1) - .5) - i for j in range(len(wrong))]
            ax.scatter(wrong, spread, s=9, color=colour)
            ax.plot([wrong.mean()]*2, [-i - .35, -i + .35], color='black', lw=1.5)
        ax.set(title=question, xlabel='mistakes in 100 pictures', yticks=[-i for i in range(len(nets))], yticklabels=nets)

SHIFTED = 'pixel_similarity', 'linear', 'simple_net', '3 hidden layers', 'resnet18', '3 convolutions'

def draw_shifts(study, names=SHIFTED):   # what `depth_study` gives; which of its models
    "Accuracy on 3 or 7 against the shift: a line through the means over the seeds, a band over all seeds"
    fig, ax = plt.subplots(figsize=(7.5, 3.6))
    for name, colour, marker in zip(names, COLOURS, 'osD^vP'):
        rows = study[(study.question == '3 or 7') & (study.model == name)]
        accuracy = rows[[str(k) for k in range(9)]].div(rows.of, axis=0)
        ax.plot(range(9), accuracy.mean(), marker=marker, ms=4, color=colour, label=name)
        ax.fill_between(range(9), accuracy.min(), accuracy.max(), color=colour, alpha=.12, lw=0)
    ax.axhline(.5, color='grey', ls='--', lw=1)
    ax.set(xlabel='shift to the right (pixels)', ylabel='accuracy')
    ax.legend(loc='center left', bbox_to_anchor=(1.01, .5), frameon=False)

def draw_kernels(before, after, maps, n=8):   # float [k,1,h,w] twice, [k,height,width]
    "The n kernels that turned most: at the start, trained, the change, and the map that each makes"
    alike = F.cosine_similarity(before.flatten(1), after.flatten(1))
    rows = {'start': before[:, 0], 'trained': after[:, 0], 'change': (after - before)[:, 0], 'map of a 3': maps}
    fig, axs = plt.subplots(4, n, figsize=(max(8.4, .62*n), max(2.9, 37/n)))
    for column, i in zip(axs.T, alike.argsort()[:n]):
        for ax, (name, tiles) in zip(column, rows.items()):
            show_picture(ax, tiles[i], f'{alike[i]:.2f}' if name == 'trained' else '', signed=True)
    for ax, name in zip(axs[:, 0], rows): ax.text(-.15, .5, name, transform=ax.transAxes, ha='right', va='center')

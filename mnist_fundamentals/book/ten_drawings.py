"Pictures of ten digits' models: mistakes, and what the layers find"
import matplotlib.pyplot as plt
import torch
from .style import show_picture

def draw_confusion(ax, table, title=''):   # int64 [k,k]: row a true digit, column an answer
    "The mistakes: each field is darker the more there are, with its number"
    k, mistakes = len(table), table.clone().fill_diagonal_(0)
    ax.imshow(mistakes, cmap='Greys')
    half = mistakes.max()/2
    for i in range(k):
        for j in range(k):
            if mistakes[i, j]: ax.text(j, i, mistakes[i, j].item(), ha='center', va='center', fontsize=8,
                                       color='white' if mistakes[i, j] > half else 'black')
    ax.set(xticks=range(k), yticks=range(k), xlabel='answer', ylabel='true digit',
           title=f'{title}: {mistakes.sum():,} mistakes')
    ax.grid(False)

def hard_pairs(table, n=4) -> dict:   # int64 [k,k], as `draw_confusion` takes it; a pair to its mistakes
    "The pairs that are mixed up most often, both ways counted together"
    both = (table + table.T).triu(1).flatten()
    return {divmod(i, len(table)): both[i].item() for i in both.argsort(descending=True)[:n].tolist()}

def draw_maps(image, maps):   # float [h,w]; a list of [maps,h,w], each 0 or more
    "The picture, and for each layer its maps as tiles: black is the largest number of that layer"
    rows = 8
    wide = [-(-len(layer)//rows) for layer in maps]
    fig, axs = plt.subplots(1, len(maps) + 1, figsize=(1 + .55*(4 + sum(wide)), .55*rows), width_ratios=[4, *wide])
    show_picture(axs[0], image, 'the picture')
    for ax, layer, columns in zip(axs[1:], maps, wide):
        tiles = torch.nn.functional.pad(layer/layer.max().clip(1e-9), [1]*4, value=.25)
        tiles = torch.cat([tiles, tiles.new_zeros(rows*columns - len(tiles), *tiles.shape[1:])])
        page = tiles.unflatten(0, (rows, columns)).transpose(1, 2).flatten(2).flatten(0, 1)
        show_picture(ax, page, f'{len(layer)} maps of {layer.shape[1]} by {layer.shape[2]}')

"The graph of a calculation as boxes and arrows: where each box goes, and how it is drawn"
import matplotlib.pyplot as plt
from .style import COLOURS

# `values` are a result and all that it was made from, each with its `parents`; each comes before them

def columns_of(values):
    "How far each is from the result, by the longest way"
    column = dict.fromkeys(values, 0)
    for value in values:
        for parent in value.parents: column[parent] = max(column[parent], column[value] + 1)
    return column

def ways_of(values, column):
    "For each arrow its stops, from its head back: a value, an empty place in each column between, the parent"
    return [[value, *((value, i, c) for c in range(column[value] + 1, column[parent])), parent]
            for value in values for i, parent in enumerate(value.parents)]

def rows_of(values):
    "Columns, ways, and the row of each stop: near the stops that it leads to, in a column none twice"
    column = columns_of(values)
    ways, row = ways_of(values, column), {values[0]: 0.}
    for c in range(1, max(column.values()) + 1):
        leads = {}                               # who stands in this column, and the rows it leads to
        for way in ways:
            i = c - column[way[0]]
            if 0 < i < len(way): leads.setdefault(way[i], []).append(row[way[i - 1]])
        wanted = {stop: sum(rows)/len(rows) for stop, rows in leads.items()}
        last = float('-inf')
        for stop in sorted(wanted, key=wanted.get): row[stop] = last = max(last + 1, wanted[stop])
    return column, ways, row

def number(x): return f'{x:.4g}'.replace('-', '−')

def draw_arrow(ax, points, rate):
    "A bent line with a head, and the rate on its first part"
    ax.plot(*zip(*points[:-1]), color='0.4', lw=1.2)
    arrow = dict(arrowstyle='-|>', color='0.4', shrinkA=0, shrinkB=0)
    ax.annotate('', points[-1], points[-2], arrowprops=arrow)
    (x, y), (to_x, to_y) = points[:2]
    ax.text(x + .45*(to_x - x), y + .45*(to_y - y), number(rate), color=COLOURS[0], fontsize=9,
            ha='center', va='center', bbox=dict(fc='white', ec='none', pad=1))

def draw_box(ax, x, y, value, slopes):
    "The number in a box, its operation above, its slope below"
    colour = '#56B4E933' if value.parents else 'white'
    ax.add_patch(plt.Rectangle((x - .3, y - .19), .6, .38, fc=colour, ec='0.3'))
    ax.text(x, y, number(value.data), ha='center', va='center')
    small = dict(ha='center', fontsize=9)
    ax.text(x, y - .22, value.op, va='bottom', color='0.3', **small)
    if slopes: ax.text(x, y + .22, f'slope {number(value.grad)}', va='top', color=COLOURS[1], **small)

def draw_values(values, ax=None) -> plt.Axes:   # each with data, grad, op, parents and rates
    "A box for each value, with slopes once there are any, and an arrow from each parent with its rate"
    if len(values) > 60: raise ValueError(f'a graph of {len(values)} values is too large to draw; 60 fit')
    column, ways, row = rows_of(values)
    last, low, slopes = max(column.values()), max(row.values()), any(v.grad for v in values)
    if ax is None: ax = plt.subplots(figsize=(1.5*last + 1.6, .85*low + 1.05))[1]
    rates = [rate for value in values for rate in value.rates]
    for n, (way, rate) in enumerate(zip(ways, rates)):
        same = [m for m, other in enumerate(ways) if other == way]   # u*u: two arrows side by side
        shift = .12*(2*same.index(n) - len(same) + 1)
        points = [(last - column[way[0]] - i, row[stop] + shift) for i, stop in enumerate(way)]
        points[0], points[-1] = (points[0][0] - .3, points[0][1]), (points[-1][0] + .3, points[-1][1])
        draw_arrow(ax, points[::-1], rate)
    for value in values: draw_box(ax, last - column[value], row[value], value, slopes)
    ax.set(xlim=(-.5, last + .5), ylim=(low + (.55 if slopes else .3), -.5))
    ax.axis('off')
    return ax

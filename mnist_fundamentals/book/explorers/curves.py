"Explorers of curves: chapters 2, 4 and 7"
from functools import partial
import ipywidgets as widgets
import torch
from ...quadratic import gradient_descent, mae, mk_quad, plot_function, quad, quad_mae
from ...relu import double_relu, fit_relus, rectified_linear, relus
from ...sgd import apply_step, show_preds, speed_curve, standardize
from ..checks import require_one_shape
from ..explorer import Explorer, slider
from ..style import COLOURS

# Chapter 2

def quad_explorer(
    x,           # float [n,1]
    y,           # float [n,1]
) -> Explorer:   # sliders a, b and c
    "Fit a quadratic to points by hand"
    require_one_shape(x=x, y=y)
    def draw(ax, a, b, c):
        "The points, and the curve ax² + bx + c"
        curve = mk_quad(a, b, c)
        ax.vlines(x, curve(x), y, color='grey', lw=1, alpha=.6)
        ax.scatter(x, y, zorder=3)
        said = f'MAE: {mae(curve(x), y):.2f}'
        plot_function(curve, said, color=COLOURS[1], ylim=(-3, 15), ax=ax)
        return said
    return Explorer(draw, a=slider(1.1, -5, 5), b=slider(1.1, -5, 5), c=slider(1.1, -5, 5))

def descent_path(x, y, lr, steps):
    "Parameters, [steps+1,3], and losses of a descent from (1.1, 1.1, 1.1)"
    params, loss_fn = torch.full([3], 1.1, requires_grad=True), partial(quad_mae, x=x, y=y)
    path, losses = [params.detach().clone()], []
    for _ in range(steps):
        losses += gradient_descent(params, loss_fn, lr, steps=1)
        path.append(params.detach().clone())
    return torch.stack(path), losses + [loss_fn(params).item()]

def draw_loss_map(ax, path, x, y):
    "The MAE over a and c, with b as it is at the end of the path, and the path: [n,3]"
    a, c = torch.meshgrid(torch.linspace(0, 4, 41), torch.linspace(-2, 3, 41), indexing='ij')
    curves = quad(a[..., None], path[-1, 1], c[..., None], x[:, 0])     # [41,41,n]
    levels = ax.contour(a, c, (curves - y[:, 0]).abs().mean(-1), levels=12, cmap='Greys_r')
    ax.clabel(levels, fontsize=7)
    ax.plot(path[:, 0], path[:, 2], '.-', color=COLOURS[1], lw=1, ms=3)
    ax.plot(*path[-1, [0, 2]], 'o', color=COLOURS[1])
    ax.set(xlabel='a', ylabel='c', xlim=(0, 4), ylim=(-2, 3))
    ax.set_title(f'MAE where b = {path[-1, 1]:.2f}')

def go_on(explorer, steps):
    "Move the slider of the steps on, ten at a time, so that one sees it go"
    for n in [min(10, steps - done) for done in range(0, steps, 10)]:
        explorer.sliders['steps'].value += n

def descent_explorer(
    x,           # float [n,1]
    y,           # float [n,1]
) -> Explorer:   # sliders steps and lr; buttons for one step, a hundred, and none
    "Watch gradient descent fit a quadratic to points, from (1.1, 1.1, 1.1)"
    def draw(axs, steps, lr):
        "The curve at the start (dashed) and now; the MAE on the way; the way downhill, from above."
        path, losses = descent_path(x, y, lr, steps)
        axs[0].scatter(x, y)
        plot_function(mk_quad(1.1, 1.1, 1.1), color='k--', ax=axs[0])
        plot_function(mk_quad(*path[-1]), color=COLOURS[1], ylim=(-3, 15), ax=axs[0])
        axs[1].plot(losses)
        axs[1].set(xlabel='steps', ylabel='MAE', ylim=(0, 3), title=f'learning rate {lr:.2f}')
        draw_loss_map(axs[2], path, x, y)
        return f'MAE after {steps} steps: {losses[-1]:.2f}'
    buttons = [('step', lambda e: go_on(e, 1)), ('run 100 steps', lambda e: go_on(e, 100)),
               ('reset', lambda e: e.sliders['steps'].set_trait('value', 0))]
    steps = widgets.IntSlider(60, min=0, max=400, continuous_update=False)
    lr = slider(0.01, 0.01, 0.5, step=0.01, continuous_update=False)
    return Explorer(draw, buttons, ncols=3, size=(10, 3.2), steps=steps, lr=lr)

# Chapter 4

RATES = ['0.000001', '0.00001', '0.0001', '0.0004', '0.001', '0.01', '0.1', '0.3', '0.45', '1']

def finite_losses(params, t, speed, lr, steps):
    "The losses of `fit_curve`, up to the step at which they are no longer finite"
    losses = []
    for _ in range(steps + 1):
        try: losses.append(apply_step(params, t, speed, lr)[1].item())
        except ValueError: break
    return losses

def coaster_explorer(
    t,           # times, float [n]
    speed,       # measured speeds, float [n]
) -> Explorer:   # a menu for the units of time, sliders for the learning rate and the steps
    "Descend on the roller coaster, with time in seconds, from the middle, or standardised"
    require_one_shape(t=t, speed=speed)
    times = {'seconds': t, 'seconds from the middle': t - t.mean(),
             'standardised': standardize(t)[0]}
    def draw(axs, time, lr, steps):
        "Left: measured and predicted speeds. Right: the loss so far."
        params = torch.tensor([-1.7438, 0.5342, -0.5521], requires_grad=True)
        losses = finite_losses(params, times[time], speed, float(lr), steps)
        show_preds(t, speed, speed_curve(times[time], params), axs[0]).set_ylim(-40, 110)
        axs[0].legend(loc='upper center')
        axs[1].semilogy(losses)
        axs[1].set(xlabel='steps', ylabel='loss', ylim=(1, 1e7))
        if len(losses) <= steps: return f'exploded after {len(losses)} steps: lower the rate'
        return f'loss after {steps} steps: {losses[-1]:,.2f}'
    return Explorer(draw, ncols=2, time=widgets.Dropdown(options=list(times)),
                    steps=widgets.IntSlider(100, min=0, max=1000, step=50, continuous_update=False),
                    lr=widgets.SelectionSlider(options=RATES, value='0.00001'))

# Chapter 7

def relu_explorer() -> Explorer:  # sliders m and b
    "One ReLU, its slope and its height"
    def draw(ax, m, b):
        "The rectified line max(mx + b, 0)"
        plot_function(partial(rectified_linear, m, b), color=COLOURS[0], ylim=(-1, 4), ax=ax)
        return f'bend at x = {-b/m:.2f}' if m else 'a level line, without a bend'
    return Explorer(draw, m=slider(1.5, -4, 4), b=slider(1.5, -4, 4))

def double_relu_explorer() -> Explorer:  # sliders m1, b1, m2 and b2
    "Two ReLUs and their sum"
    def draw(ax, m1, b1, m2, b2):
        "Two rectified lines (dashed) and their sum (broad)"
        plot_function(partial(double_relu, m1, b1, m2, b2), color=COLOURS[0], ax=ax)
        ax.lines[0].set(linewidth=6, alpha=.35, label='their sum')
        for i, (m, b) in enumerate([(m1, b1), (m2, b2)], 1):
            plot_function(partial(rectified_linear, m, b), color=COLOURS[i], ylim=(-1, 6), ax=ax)
            ax.lines[i].set(linestyle='--', label=f'm{i}, b{i}')
        ax.legend(loc='upper center', ncols=3)
        return 'bends at x = ' + ' and '.join(f'{-b/m:.2f}' for m, b in [(m1, b1), (m2, b2)] if m)
    return Explorer(draw, m1=slider(-1.5, -4, 4), b1=slider(-1.5, -4, 4),
                    m2=slider(1.5, -4, 4), b2=slider(-1.5, -4, 4))

def more_relus_explorer(
    g,           # the curve to follow, as in `fit_relus`
) -> Explorer:   # slider k; a button for one more
    "Add ReLU after ReLU to a sum that follows a curve"
    xs = torch.linspace(-2, 2, 401).double()[:, None]
    def draw(axs, k):
        "Left: the curve, and the sum of the ReLUs. Right: the height, and each ReLU times its weight."
        fitted, bends, weights = fit_relus(g, k)
        axs[0].plot(xs, g(xs), lw=5, alpha=.35, label='the curve')
        axs[0].plot(xs, fitted(xs), label='the sum')
        low, high = g(xs).min().item(), g(xs).max().item()
        axs[0].set(xlabel='x', ylabel='y', ylim=(1.5*low - .5*high, 1.5*high - .5*low))
        axs[0].legend(loc='upper center', ncols=2)
        axs[1].plot(xs, relus(xs, bends)*weights[:, 0], '--', color='grey', lw=1)
        axs[1].set(xlabel='x', title='what is added up')
        return f'{k} ReLUs: largest error {(fitted(xs) - g(xs)).abs().max():.2f}'
    def another(explorer): explorer.sliders['k'].value += 1
    return Explorer(draw, [('another ReLU', another)], ncols=2, k=widgets.IntSlider(5, min=1, max=32))

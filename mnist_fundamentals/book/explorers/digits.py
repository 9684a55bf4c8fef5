"Explorers of digits and of what is learned from them: chapters 5 and 8"
from functools import partial
import ipywidgets as widgets
import torch
from torch import Tensor
from ...data import load_digits, set_seed
from ...linear_classifier import (calc_grad, digit_dls, digit_tensors, init_params, linear1,
                                  mnist_loss, validate_epoch)
from ..explorer import Explorer, menu

# Chapter 5

STOPS = [0, 1, 2, 5, 10, 20, 49, 98, 245, 490, 980]   # batches; an epoch has 49

def weights_film(
    std=0.01,   # standard deviation of the starting weights
    lr=1.,      # learning rate
    seed=42,    # for the starting weights and the order of the pictures
) -> dict:      # for each of `STOPS`: the weights, float [28,28], and the validation accuracy
    "What the weights of the linear classifier look like as it trains, batch by batch"
    set_seed(seed)
    params = init_params((28*28, 1), std), init_params(1, std)
    model = partial(linear1, weights=params[0], bias=params[1])
    opt, film, done = torch.optim.SGD(params, lr), {}, 0
    train, valid = digit_dls()
    while True:
        for xb, yb in train:
            if done in STOPS:
                picture = params[0].detach().cpu().view(28, 28).clone()
                film[done] = picture, validate_epoch(model, valid)
            if done == STOPS[-1]: return film
            calc_grad(xb, yb, model, mnist_loss)
            opt.step()
            opt.zero_grad()
            done += 1

def weights_explorer() -> Explorer:  # a slider for the batches, a menu for the start
    "See the weights of the linear classifier while it trains"
    films = {'small weights': weights_film(0.01), 'large weights': weights_film(1.)}
    def draw(axs, start, batches):
        "Left: the weights, blue where ink speaks for a 3, red for a 7. Right: the share still wrong."
        weights, accuracy = films[start][batches]
        limit = weights.abs().max()
        axs[0].imshow(weights, cmap='RdBu', vmin=-limit, vmax=limit)
        axs[0].axis('off')
        axs[1].plot(STOPS, [1 - films[start][n][1] for n in STOPS], '.-')
        axs[1].plot(batches, 1 - accuracy, 'o')
        axs[1].set(xlabel='batches', ylabel='share wrong', xscale='symlog', yscale='log', ylim=(.015, .6))
        axs[1].set_yticks([.02, .05, .1, .2, .5], ['0.02', '0.05', '0.1', '0.2', '0.5'])
        axs[1].minorticks_off()
        return f'after {batches} batches: accuracy {accuracy:.4f}'
    return Explorer(draw, ncols=2, start=menu(*films),
                    batches=widgets.SelectionSlider(options=STOPS, value=98))

# Chapter 8

@torch.no_grad()
def mistakes(
    model,   # an `nn.Module` that takes float [n,784] and gives scores [n,1]
) -> tuple[Tensor, Tensor]:  # places in the validation set, int64 [k]; their losses, 0..1, [k]
    "The validation pictures on the wrong side of 0, the largest loss first"
    x, y = digit_tensors('valid', device=next(model.parameters()).device)
    losses = (model(x).sigmoid() - y).abs()[:, 0].cpu()
    wrong = (losses >= .5).nonzero()[:, 0]
    order = wrong[losses[wrong].argsort(descending=True, stable=True)]
    return order, losses[order]

def mistakes_explorer(
    models,      # name to model, each as in `mistakes`
) -> Explorer:   # menus for the model, the digit and the order; a slider for the page
    "Leaf through the validation pictures that a model gets wrong"
    if not models: raise ValueError('models is empty: give at least one, such as dict(net=net)')
    images, labels = load_digits('valid')
    found = {name: mistakes(model) for name, model in models.items()}
    def draw(axs, model, digit, order, page):
        "The label and the loss stand above each picture; a loss of 1 is sure and wrong."
        places, losses = found[model]
        keep = (labels[places] == digit) if digit in (3, 7) else places >= 0
        places, losses = places[keep], losses[keep]
        by_place = places.argsort()
        if order == 'as in the data': places, losses = places[by_place], losses[by_place]
        for ax in axs.flat: ax.axis('off')
        for ax, place, loss in zip(axs.flat, places[12*page:], losses[12*page:]):
            ax.imshow(images[place], cmap='Greys')
            ax.set_title(f'{labels[place]}, loss {loss:.2f}', fontsize=9)
        return f'{model}: {len(places)} wrong; page {page + 1} of {max(1, -(-len(places)//12))}'
    return Explorer(draw, ncols=6, nrows=2, size=(8, 3.2), model=menu(*models),
                    digit=menu('both', 3, 7), order=menu('largest loss first', 'as in the data'),
                    page=widgets.IntSlider(0, min=0, max=9))

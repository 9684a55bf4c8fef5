"Exercises of chapter 5: a linear classifier"
import torch
from . import Exercise
from ...linear_classifier import mnist_loss, sigmoid

def slope_at_0(f):
    x = torch.tensor(0., requires_grad=True)
    f(x).backward()
    return x.grad

def three_scores(last):
    "Loss of three scores by a formula of scores and targets"
    return lambda: last(torch.tensor([2., -1., 0.]), torch.tensor([1., 0., 1.]))

EXERCISES = {
    '1': Exercise(lambda: slope_at_0(sigmoid), {
        'that is the value at 0; what is the slope?': lambda: sigmoid(torch.tensor(0.)),
        'that is the slope of x itself': lambda: slope_at_0(lambda x: x)}),
    '2': Exercise(mnist_loss, {
        'the scores went in without the sigmoid': lambda scores, targets: (scores - targets).abs().mean(),
        'take the absolute value before the mean': lambda scores, targets: (scores.sigmoid() - targets).mean(),
        'the sigmoid was taken twice': lambda scores, targets: mnist_loss(scores.sigmoid(), targets),
        'that is the sum; take the mean': lambda scores, targets: mnist_loss(scores, targets)*len(scores)},
        cases=lambda: [(torch.tensor([[2.], [-1.], [0.]]), torch.tensor([[1.], [0.], [1.]])), (torch.randn(50, 1), (torch.rand(50, 1) > .5).float())]),
}

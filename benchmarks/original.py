"""The way of the post that this book reproduces, written anew: fastai with its defaults, PNG files, tuples one by one.

    python benchmarks/original.py STAGE
"""
from time import perf_counter
from stage import digest, main, tensors, timed

def imports():
    def load(): import fastai.vision.all
    return dict(seconds=timed(load)[1])

def read_folders(path):
    "Both splits as rows of float, and 1 for a 3, 0 for a 7"
    from fastai.vision.all import Image, tensor, torch
    parts = []
    for split in 'train', 'valid':
        files = [(path/split/digit).ls().sorted() for digit in '37']
        threes, sevens = [torch.stack([tensor(Image.open(file)) for file in part]).float()/255 for part in files]
        parts += [torch.cat([threes, sevens]).view(-1, 28*28),
                  tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)]
    return parts

def data():
    import fastai.vision.all
    from mnist_fundamentals.book.sample import mnist_sample
    (train_x, _, valid_x, _), seconds = timed(read_folders, mnist_sample())
    return dict(seconds=seconds, digest=digest(train_x, valid_x))

def similarity(train_x, train_y, valid_x, valid_y):
    threes, sevens = [train_x[train_y[:, 0] == c].view(-1, 28, 28) for c in (1, 0)]
    mean3, mean7 = threes.mean(0), sevens.mean(0)
    distance = lambda a, b: (a - b).abs().mean((-1, -2))
    is_3 = lambda x: distance(x, mean3) < distance(x, mean7)
    valid = [valid_x[valid_y[:, 0] == c].view(-1, 28, 28) for c in (1, 0)]
    right = is_3(valid[0]).float().sum() + (1 - is_3(valid[1]).float()).sum()
    return (right/len(valid_x)).item()

def pixel_similarity():
    accuracy, seconds = timed(similarity, *tensors())
    return dict(seconds=seconds, accuracy=accuracy)

def loaders(train_x, train_y, valid_x, valid_y):
    "fastai's DataLoader over a list of pairs, not shuffled"
    from fastai.vision.all import DataLoader
    return [DataLoader(list(zip(x, y)), batch_size=256) for x, y in ((train_x, train_y), (valid_x, valid_y))]

def loss_without_sigmoid(predictions, targets):
    from fastai.vision.all import torch
    return torch.where(targets == 1, 1 - predictions, predictions).mean()

def loss_with_sigmoid(predictions, targets): return loss_without_sigmoid(predictions.sigmoid(), targets)

def batch_accuracy(xb, yb): return ((xb.sigmoid() > .5) == yb).float().mean()

def score(model, x, y):
    "The share of all pictures that a model gets right"
    from fastai.vision.all import torch
    with torch.no_grad(): return ((model(x) > 0) == (y == 1)).float().mean().item()

def train_by_hand(dl, valid_dl, epochs, lr):
    from fastai.vision.all import torch
    weights, bias = torch.randn(28*28, 1).requires_grad_(), torch.randn(1).requires_grad_()
    model = lambda xb: xb@weights + bias
    for _ in range(epochs):
        for xb, yb in dl:
            loss_without_sigmoid(model(xb), yb).backward()
            for p in weights, bias:
                p.data -= p.grad*lr
                p.grad.zero_()
        round(torch.stack([batch_accuracy(model(xb), yb) for xb, yb in valid_dl]).mean().item(), 4)
    return model

def hand_loop():
    x = tensors()
    model, seconds = timed(train_by_hand, *loaders(*x), 20, 1.)
    return dict(seconds=seconds, accuracy=score(model, *x[2:]))

def train_learner(dls, model, epochs, lr):
    from fastai.vision.all import DataLoaders, Learner, SGD
    learn = Learner(DataLoaders(*dls), model, opt_func=SGD, loss_func=loss_with_sigmoid, metrics=batch_accuracy)
    learn.fit(epochs, lr)
    return learn.model

def learner_linear():
    from fastai.vision.all import nn
    x = tensors()
    model, seconds = timed(train_learner, loaders(*x), nn.Linear(28*28, 1), 10, 1.)
    return dict(seconds=seconds, accuracy=score(model, *x[2:]))

def simple_net():
    from fastai.vision.all import nn
    x = tensors()
    net = nn.Sequential(nn.Linear(28*28, 30), nn.ReLU(), nn.Linear(30, 1))
    model, seconds = timed(train_learner, loaders(*x), net, 40, .1)
    return dict(seconds=seconds, accuracy=score(model, *x[2:]))

def train_resnet18():
    from fastai.vision.all import F, ImageDataLoaders, accuracy, resnet18, vision_learner
    from mnist_fundamentals.book.sample import mnist_sample
    dls = ImageDataLoaders.from_folder(mnist_sample())
    learn = vision_learner(dls, resnet18, pretrained=False, loss_func=F.cross_entropy, metrics=accuracy)
    learn.fit_one_cycle(1, .1)
    return learn.recorder.values[-1][2]

def resnet18():
    import fastai.vision.all
    accuracy, seconds = timed(train_resnet18)
    return dict(seconds=seconds, accuracy=accuracy)

def book():
    "Everything in one script, from the first import"
    start = perf_counter()
    from fastai.vision.all import nn
    from mnist_fundamentals.book.sample import mnist_sample
    x = read_folders(mnist_sample())
    similarity(*x)
    dls = loaders(*x)
    train_by_hand(*dls, 20, 1.)
    train_learner(dls, nn.Linear(28*28, 1), 10, 1.)
    train_learner(dls, nn.Sequential(nn.Linear(28*28, 30), nn.ReLU(), nn.Linear(30, 1)), 40, .1)
    accuracy = train_resnet18()
    return dict(seconds=perf_counter() - start, accuracy=accuracy)

if __name__ == '__main__':
    main(dict(imports=imports, data=data, pixel_similarity=pixel_similarity, hand_loop=hand_loop,
              learner_linear=learner_linear, simple_net=simple_net, resnet18=resnet18, book=book))

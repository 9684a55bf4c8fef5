"""What one writes with PyTorch and torchvision, without fastai and without this package's helpers.

    python benchmarks/plain.py STAGE
"""
from stage import digest, main, tensors, timed

def imports():
    def load(): import torch, torchvision
    return dict(seconds=timed(load)[1])

def read_folders(path):
    import torch
    from torchvision import transforms as T
    from torchvision.datasets import ImageFolder
    grey = T.Compose([T.Grayscale(), T.ToTensor()])
    return [torch.cat([x for x, _ in torch.utils.data.DataLoader(ImageFolder(path/split, grey), 64)])
            for split in ('train', 'valid')]

def data():
    import torchvision
    from mnist_fundamentals.book.sample import mnist_sample
    (train_x, valid_x), seconds = timed(read_folders, mnist_sample())
    return dict(seconds=seconds, digest=digest(train_x, valid_x))

def similarity(train_x, train_y, valid_x, valid_y):
    means = [train_x[train_y[:, 0] == c].mean(0) for c in (0, 1)]
    distance0, distance1 = [(valid_x - mean).abs().mean(1) for mean in means]
    return ((distance1 < distance0) == (valid_y[:, 0] == 1)).float().mean().item()

def pixel_similarity():
    accuracy, seconds = timed(similarity, *tensors())
    return dict(seconds=seconds, accuracy=accuracy)

def train(model, loss_func, right, tensors, epochs, bs, opt, sched=None):
    "An epoch of steps, then the accuracy on the validation set; again and again"
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    train_x, train_y, valid_x, valid_y = tensors
    dl = DataLoader(TensorDataset(train_x, train_y), bs, shuffle=True)
    valid_dl = DataLoader(TensorDataset(valid_x, valid_y), 2*bs)
    for _ in range(epochs):
        model.train()
        for xb, yb in dl:
            loss = loss_func(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            if sched: sched.step()
        model.eval()
        with torch.no_grad(): correct = sum(right(model(xb), yb).sum().item() for xb, yb in valid_dl)
    return correct/len(valid_x)

def small(model, epochs, lr):
    import torch
    loss = lambda scores, y: torch.nn.functional.l1_loss(scores.sigmoid(), y)
    right = lambda scores, y: (scores > 0) == (y == 1)
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    accuracy, seconds = timed(train, model, loss, right, tensors(), epochs, 256, opt)
    return dict(seconds=seconds, accuracy=accuracy)

def hand_loop():
    from torch import nn
    return small(nn.Linear(28*28, 1), 20, 1.)

def learner_linear():
    from torch import nn
    return small(nn.Linear(28*28, 1), 10, 1.)

def simple_net():
    from torch import nn
    return small(nn.Sequential(nn.Linear(28*28, 30), nn.ReLU(), nn.Linear(30, 1)), 40, .1)

def resnet18():
    import torch, torchvision
    pictures = lambda x: x.view(-1, 1, 28, 28).expand(-1, 3, -1, -1)    # it wants three channels
    train_x, train_y, valid_x, valid_y = tensors()
    x = pictures(train_x), train_y[:, 0].long(), pictures(valid_x), valid_y[:, 0].long()
    def one_epoch():
        net = torchvision.models.resnet18(num_classes=2)
        opt = torch.optim.AdamW(net.parameters())
        sched = torch.optim.lr_scheduler.OneCycleLR(opt, .01, total_steps=-(-len(train_x)//64))
        right = lambda scores, y: scores.argmax(1) == y
        return train(net, torch.nn.functional.cross_entropy, right, x, 1, 64, opt, sched)
    accuracy, seconds = timed(one_epoch)
    return dict(seconds=seconds, accuracy=accuracy)

if __name__ == '__main__':
    main(dict(imports=imports, data=data, pixel_similarity=pixel_similarity, hand_loop=hand_loop,
              learner_linear=learner_linear, simple_net=simple_net, resnet18=resnet18))

"""PyTorch's official MNIST example (pytorch/examples, mnist/main.py), written anew: its net, its recipe, torchvision's reading.

    python benchmarks/official.py ten_digits

As it runs on a CPU: no workers beside it, and the pictures in the order of the files, which are mixed.
"""
import tempfile
from pathlib import Path
from time import perf_counter
from stage import main

EPOCHS, ENOUGH = 14, .99

def write_files(folder):
    "The pictures of all ten digits as the four files of MNIST, in a mixed order, as those are"
    import torch
    from mnist_fundamentals.data import load_digits
    raw = Path(folder)/'MNIST'/'raw'
    raw.mkdir(parents=True)
    for split, name in ('train', 'train'), ('valid', 't10k'):
        images, labels = load_digits(split, range(10))
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
        for kind, t in ('images-idx3', images), ('labels-idx1', labels):
            header = b''.join(n.to_bytes(4, 'big') for n in (8*256 + t.ndim, *t.shape))    # 8: of bytes
            (raw/f'{name}-{kind}-ubyte').write_bytes(header + t[order].byte().numpy().tobytes())

def loaders(folder):
    "Training and test pictures, read and normalised one by one"
    from torch.utils.data import DataLoader
    from torchvision.datasets import MNIST
    from torchvision.transforms import Compose, Normalize, ToTensor
    transform = Compose([ToTensor(), Normalize((.1307,), (.3081,))])
    return [DataLoader(MNIST(folder, train, transform), bs) for train, bs in ((True, 64), (False, 1000))]

def share_right(net, batches):
    import torch
    net.eval()
    with torch.no_grad(): found = [(net(x).argmax(1) == y) for x, y in batches]
    return torch.cat(found).float().mean().item()

def ten_digits():
    "Seconds until 0.990 of the test pictures are right, measured after each epoch, as the example does"
    import torch
    from torch.nn.functional import nll_loss
    from mnist_fundamentals.book.race import official_net
    torch.seed()
    with tempfile.TemporaryDirectory() as folder:
        write_files(folder)
        start, accuracies = perf_counter(), []
        (train, test), net = loaders(folder), official_net()
        opt = torch.optim.Adadelta(net.parameters(), lr=1.)
        schedule = torch.optim.lr_scheduler.StepLR(opt, step_size=1, gamma=.7)
        while len(accuracies) < EPOCHS and max(accuracies, default=0) < ENOUGH:
            net.train()
            for x, y in train:
                opt.zero_grad()
                nll_loss(net(x), y).backward()
                opt.step()
            accuracies.append(share_right(net, test))
            schedule.step()
        return dict(seconds=perf_counter() - start, accuracy=accuracies[-1], accuracies=accuracies)

if __name__ == '__main__': main(dict(ten_digits=ten_digits))

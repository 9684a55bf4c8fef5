"What the trained models came to"
from dataclasses import dataclass
from torch import nn

VALID = 2038   # pictures of 3 and 7 in the validation set
MODELS = ['pixel_similarity', 'linear', 'linear_learner', 'simple_net', 'resnet18']                  # of these
TEN_MODELS = ['ten_nearest_mean', 'ten_linear', 'ten_simple_net', 'ten_convnet']   # of all 10,000
MIME = 'application/vnd.mnist-fundamentals.result+json'

@dataclass
class Result:
    "One of the book's models on the validation pictures: a line to read, and the same as data"
    model: str         # one of MODELS or TEN_MODELS
    accuracy: float    # share of the validation pictures that it gets right, 0..1
    parameters: int    # how many numbers it keeps
    of: int = VALID    # how many pictures those were

    def __repr__(self):
        return f'{self.model}: accuracy {self.accuracy:.4f}, {self.parameters:,} parameters'

    def _repr_mimebundle_(self, **kwargs): return {'text/plain': repr(self), MIME: self.__dict__}

def count_parameters(model: nn.Module) -> int:
    "How many numbers the model keeps"
    return sum(p.numel() for p in model.parameters())

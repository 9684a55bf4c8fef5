"""Every public name of the book's modules, in the order of the chapters"""
from . import data, pixel_similarity, quadratic, sgd, linear_classifier, simple_net, resnet, speed, draw

__all__ = [*data.__all__, *pixel_similarity.__all__, *quadratic.__all__, *sgd.__all__,
           *linear_classifier.__all__, *simple_net.__all__, *resnet.__all__,
           *speed.__all__, *draw.__all__]

from .data import *
from .pixel_similarity import *
from .quadratic import *
from .sgd import *
from .linear_classifier import *
from .simple_net import *   # from here on the name is the function's, no longer the module's
from .resnet import *
from .speed import *
from .draw import *

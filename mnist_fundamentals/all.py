"""Every public name of the lessons, in the order of the chapters, and what a page needs beside them"""
from .data import *
from .pixel_similarity import *
from .quadratic import *
from .backward import *
from .sgd import *
from .linear_classifier import *
from .learner import *
from .relu import *
from .simple_net import *   # from here on the name is the function's, no longer the module's
from .resnet import *
from .ten_digits import *
from .overfitting import *
from .draw import *
from .speed import *
from .book.checks import require
from .book.exercises import check
from .book.explorers import *
from .book.loaders import tensor_loader
from .book.results import Result, count_parameters
from .book.sample import mnist_sample
from .book.style import use_book_style

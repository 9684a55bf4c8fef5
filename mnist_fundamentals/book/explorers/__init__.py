"Every explorer of the book: a picture with sliders that shows what a chapter is about"
from .borders import border_explorer, draw_borders
from .curves import (coaster_explorer, descent_explorer, double_relu_explorer, more_relus_explorer,
                     quad_explorer, relu_explorer)
from .digits import mistakes, mistakes_explorer, weights_explorer

__all__ = ['border_explorer', 'coaster_explorer', 'descent_explorer', 'double_relu_explorer', 'draw_borders',
           'mistakes', 'mistakes_explorer', 'more_relus_explorer', 'quad_explorer', 'relu_explorer', 'weights_explorer']

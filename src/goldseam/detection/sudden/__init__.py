"""Sudden gains, sudden losses and sudden drops: change from one session to the next that is large in several ways."""

from goldseam.detection.sudden.drops import SuddenDrop
from goldseam.detection.sudden.rules import SuddenGain, SuddenLoss

CRITERIA = (SuddenDrop, SuddenGain, SuddenLoss)

"""The meaning of a mask's values, and the options that change them.

In: texts that a user enters, such as a confidence threshold per class. Out: checked values, labels and colours. May
import ``core.models`` and ``core.protocol``.
"""

#!/usr/bin/env python3
"""Train the project's demo model, a CIFAR-10 ResNet-20, or measure the accuracy of its weights.

For whoever wants to reproduce specs/weights/resnet20_demo.safetensors; building and using resnetc
needs neither this script nor PyTorch. In: the CIFAR-10 images as PNG files, DIR/train/CLASS/*.png
and DIR/test/CLASS/*.png (the layout of the GitHub repository cyizhuo/CIFAR-10-dataset). Out: the
weights as a safetensors file, and the log of the run.

The network is He et al. (2016), "Deep Residual Learning for Image Recognition", section 4.2, n = 3,
with parameter-free (option A) shortcuts and the tensor names of akamaster/pytorch_resnet_cifar10,
so that specs/models/resnet20.yaml describes both that repository's weights and these.

Needs Python 3.9, PyTorch 1.13, NumPy and Pillow (Debian: python3-torch python3-pil).

The same arguments give the same bytes with the same PyTorch, the same number of threads and a
processor with the same vector instructions; elsewhere sums are rounded in another order, and the
accuracy moves by a few tenths of a percent.
"""

import argparse
import hashlib
import json
import math
import os
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from demo_files import InputError, decode_safetensors, encode_safetensors, write_file

# Alphabetical, which is also CIFAR-10's own numbering 0..9.
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
IMAGES_PER_CLASS = {"train": 5000, "test": 1000}
SIDE = 32  # height and width of every image, in pixels
CROP_PADDING = 4  # black pixels added on each side before the random crop

# Preprocessing: (x / 255 - MEAN) / STD per RGB channel. These are ImageNet's figures; they are used
# here because akamaster's weights were trained with them and one spec serves both.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

BATCH_SIZE = 128
EVALUATION_BATCH_SIZE = 500
PEAK_LEARNING_RATE = 0.1
WARM_UP = 0.2  # share of all steps in which the learning rate rises
MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4

EXIT_BAD_INPUT = 1
EXIT_TOO_INACCURATE = 3

EPILOG = """\
examples:
  train, then measure again from the file that was written:
    scripts/train_demo_model.py --data CIFAR-10-dataset \\
        --out resnet20_demo.safetensors --log resnet20_demo.log
    scripts/train_demo_model.py --data CIFAR-10-dataset \\
        --evaluate resnet20_demo.safetensors

exit codes:
  0  done
  1  the data set or a file is missing, malformed or cannot be written; training diverged
  2  wrong command line
  3  the accuracy is below --min-accuracy (nothing is written)
"""


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with batch norm, plus the shortcut.

    Where the block halves the image, the shortcut takes every second pixel and pads the channels
    with zeros, half of them on each side (He et al., section 3.3, option A).
    """

    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.stride = stride
        self.added_per_side = (out_channels - in_channels) // 2

    def forward(self, x):
        residual = F.relu(self.bn1(self.conv1(x)))
        residual = self.bn2(self.conv2(residual))
        if self.stride != 1:
            x = x[:, :, :: self.stride, :: self.stride]
            x = F.pad(x, (0, 0, 0, 0, self.added_per_side, self.added_per_side))
        return F.relu(residual + x)


class ResNet20(nn.Module):
    """(N, 3, 32, 32) preprocessed images -> (N, 10) logits; 269,722 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self._stage(16, 16, 1)
        self.layer2 = self._stage(16, 32, 2)
        self.layer3 = self._stage(32, 64, 2)
        self.linear = nn.Linear(64, len(CLASSES))
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight)

    @staticmethod
    def _stage(in_channels, out_channels, stride):
        return nn.Sequential(
            BasicBlock(in_channels, out_channels, stride),
            BasicBlock(out_channels, out_channels, 1),
            BasicBlock(out_channels, out_channels, 1),
        )

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean(dim=(2, 3)))


def stored_tensors(model):
    """The tensors inference needs, by name: all but the counters that only training uses."""
    return {
        name: tensor
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def load_images(folder, split):
    """Read DIR/SPLIT/CLASS/*.png: uint8 (N, 32, 32, 3) RGB and int64 (N) labels, in name order."""
    images, labels = [], []
    for label, name in enumerate(CLASSES):
        paths = sorted((folder / split / name).glob("*.png"))
        if len(paths) != IMAGES_PER_CLASS[split]:
            raise InputError(
                f"{folder / split / name} has {len(paths)} PNG files, expected "
                f"{IMAGES_PER_CLASS[split]}: DIR/{split}/{name}/*.png of the whole CIFAR-10"
            )
        for path in paths:
            try:
                with Image.open(path) as image:
                    pixels = np.asarray(image.convert("RGB"))
            except (OSError, SyntaxError, ValueError) as error:
                raise InputError(f"cannot read {path}: {error}; expected a PNG image") from error
            if pixels.shape != (SIDE, SIDE, 3):
                raise InputError(
                    f"{path} has {pixels.shape[1]}x{pixels.shape[0]} pixels, expected {SIDE}x{SIDE}"
                )
            images.append(pixels)
            labels.append(label)
    return torch.from_numpy(np.stack(images)), torch.tensor(labels)


def preprocess(pixels):
    """uint8 (N, 32, 32, 3) -> float32 (N, 3, 32, 32), stored channels last."""
    scaled = (pixels.float() / 255.0 - torch.tensor(MEAN)) / torch.tensor(STD)
    return scaled.permute(0, 3, 1, 2)


def augment(pixels, generator):
    """Shift each image by up to 4 pixels each way, filling with black, and mirror half of them."""
    count = len(pixels)
    padded = F.pad(pixels, (0, 0) + 4 * (CROP_PADDING,))
    shifts = torch.randint(0, 2 * CROP_PADDING + 1, (2, count, 1), generator=generator)
    mirrored = torch.randint(0, 2, (count, 1), generator=generator).bool()
    steps = torch.arange(SIDE)
    rows = shifts[0] + steps
    columns = shifts[1] + torch.where(mirrored, SIDE - 1 - steps, steps)
    return padded[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


def learning_rate(step, steps):
    """One cycle: a linear rise to the peak, then half a cosine down to zero."""
    rising = WARM_UP * steps
    if step < rising:
        return PEAK_LEARNING_RATE * (step + 1) / rising
    done = (step - rising) / (steps - rising)
    return PEAK_LEARNING_RATE * 0.5 * (1.0 + math.cos(math.pi * done))


def count_correct(model, pixels, labels):
    """How many images the model (put into inference mode) puts into the right class."""
    model.eval()
    correct = 0
    with torch.no_grad():
        for start in range(0, len(labels), EVALUATION_BATCH_SIZE):
            part = slice(start, start + EVALUATION_BATCH_SIZE)
            predicted = model(preprocess(pixels[part])).argmax(dim=1)
            correct += int((predicted == labels[part]).sum())
    return correct


def train_epoch(model, optimizer, data, generator, schedule):
    """One pass over the training set in random order; schedule yields the learning rate of each
    step. Returns the mean loss and the share of right answers on the augmented images."""
    pixels, labels = data
    model.train()
    loss_sum, correct = 0.0, 0
    for chosen in torch.randperm(len(labels), generator=generator).split(BATCH_SIZE):
        optimizer.param_groups[0]["lr"] = next(schedule)
        logits = model(preprocess(augment(pixels[chosen], generator)))
        loss = F.cross_entropy(logits, labels[chosen])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(chosen)
        correct += int((logits.argmax(dim=1) == labels[chosen]).sum())
        if not math.isfinite(loss_sum):
            raise InputError("training diverged: the loss is not finite; try another --seed")
    return loss_sum / len(labels), correct / len(labels)


def train(arguments, say):
    """Train from random weights; say(line) gets each line of the log. Returns (model, correct),
    correct counted on the test images. The last epoch's weights are returned, not the best
    epoch's: choosing by test accuracy would flatter the figure."""
    torch.manual_seed(arguments.seed)
    generator = torch.Generator().manual_seed(arguments.seed)
    model = ResNet20().to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=PEAK_LEARNING_RATE,
        momentum=MOMENTUM,
        weight_decay=WEIGHT_DECAY,
        nesterov=True,
    )
    say(f"parameters: {sum(p.numel() for p in model.parameters())}")
    training, test = (load_images(arguments.data, split) for split in ("train", "test"))
    steps = arguments.epochs * math.ceil(len(training[1]) / BATCH_SIZE)
    schedule = (learning_rate(step, steps) for step in range(steps))
    correct = 0
    for epoch in range(1, arguments.epochs + 1):
        begin = time.monotonic()
        loss, accuracy = train_epoch(model, optimizer, training, generator, schedule)
        correct = count_correct(model, *test)
        say(
            f"epoch {epoch:2d}/{arguments.epochs}: train loss {loss:.4f}, "
            f"train accuracy {100 * accuracy:.2f} %, test accuracy {percent(correct):.2f} %, "
            f"{time.monotonic() - begin:.0f} s"
        )
    return model, correct


def percent(correct):
    """Share of the 10,000 test images, in percent."""
    return 100.0 * correct / (len(CLASSES) * IMAGES_PER_CLASS["test"])


def run_training(arguments):
    lines = []

    def say(line):
        lines.append(line)
        print(line, flush=True)

    # The data set's name without its path: the log is kept with the weights.
    say(
        f"train_demo_model.py: torch {torch.__version__}, seed {arguments.seed}, "
        f"epochs {arguments.epochs}, threads {arguments.threads}, "
        f"data {arguments.data.absolute().name}"
    )
    say(
        f"batch {BATCH_SIZE}, SGD nesterov momentum {MOMENTUM}, weight decay {WEIGHT_DECAY}, "
        f"one cycle to {PEAK_LEARNING_RATE}, rising {100 * WARM_UP:.0f} % of the steps; "
        f"crop (pad {CROP_PADDING}) and mirror"
    )
    begin = time.monotonic()
    model, correct = train(arguments, say)
    minutes = (time.monotonic() - begin) / 60
    say(f"test accuracy: {percent(correct):.2f} % ({correct} of 10000), {minutes:.1f} minutes")
    if percent(correct) < arguments.min_accuracy:
        raise SystemExit(too_inaccurate(correct, arguments.min_accuracy))
    metadata = {
        "architecture": "ResNet-20, option A shortcuts",
        "dataset": "CIFAR-10",
        "epochs": str(arguments.epochs),
        "license": "MIT",
        "seed": str(arguments.seed),
        "test_accuracy_percent": f"{percent(correct):.2f}",
        "threads": str(arguments.threads),
        "tool": f"resnetc scripts/train_demo_model.py, torch {torch.__version__}",
    }
    content = encode_safetensors(stored_tensors(model), metadata)
    write_file(arguments.out, content)
    say(f"{arguments.out.name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    if arguments.log:
        write_file(arguments.log, "".join(line + "\n" for line in lines).encode())


def run_evaluation(arguments):
    model = ResNet20()
    try:
        content = arguments.evaluate.read_bytes()
        tensors = decode_safetensors(content, stored_tensors(model))
    except (OSError, InputError) as error:
        raise InputError(f"cannot use {arguments.evaluate}: {reason(error)}") from error
    model.load_state_dict(tensors, strict=False)  # lacks only the counters of training
    model = model.to(memory_format=torch.channels_last)
    correct = count_correct(model, *load_images(arguments.data, "test"))
    if arguments.json:
        print(json.dumps({"correct": correct, "images": 10000, "accuracy": correct / 10000}))
    else:
        print(f"test accuracy: {percent(correct):.2f} % ({correct} of 10000)")
    if percent(correct) < arguments.min_accuracy:
        raise SystemExit(too_inaccurate(correct, arguments.min_accuracy))


def reason(error):
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def too_inaccurate(correct, minimum):
    report(f"the test accuracy is {percent(correct):.2f} %, expected at least {minimum:.2f} %")
    return EXIT_TOO_INACCURATE


def report(message):
    print(f"train_demo_model.py: error: {message}", file=sys.stderr)


def parse_arguments():
    def positive(text):
        value = int(text)
        if value < 1:
            raise ValueError
        return value

    positive.__name__ = "positive integer"
    path = pathlib.Path
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--data", type=path, required=True, metavar="DIR",
        help="the CIFAR-10 images: DIR/train/CLASS/*.png and DIR/test/CLASS/*.png")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--out", type=path, metavar="FILE", help="train, and write the weights here")
    mode.add_argument("--evaluate", type=path, metavar="FILE",
                      help="do not train: print the test accuracy of these weights")
    add("--log", type=path, metavar="FILE", help="with --out: also write the printed lines here")
    add("--json", action="store_true", help="with --evaluate: print JSON")
    add("--epochs", type=positive, default=16, help="passes over the training set (%(default)s)")
    add("--seed", type=positive, default=20, help="of every random choice (%(default)s)")
    add("--threads", type=positive, default=1, help="of PyTorch (%(default)s)")
    add("--min-accuracy", type=float, default=85.0, metavar="PERCENT",
        help="fail below this test accuracy (%(default)s)")
    arguments = parser.parse_args()
    if arguments.evaluate and arguments.log:
        parser.error("--log belongs to --out, not to --evaluate")
    if arguments.out and arguments.json:
        parser.error("--json belongs to --evaluate, not to --out")
    return arguments


def main():
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    try:
        # Found out now rather than after half an hour of training.
        for path in filter(None, (arguments.out, arguments.log)):
            if path.is_dir() or not os.access(path.parent, os.W_OK):
                raise InputError(f"cannot write {path}: expected a file in a writable folder")
        if arguments.evaluate:
            run_evaluation(arguments)
        else:
            run_training(arguments)
    except InputError as error:
        report(str(error))
        return EXIT_BAD_INPUT
    except OSError as error:
        report(f"{error.filename}: {reason(error)}" if error.filename else reason(error))
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

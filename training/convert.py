"""Writes a checkpoint as a folder that CTranslate2 loads.

    python -m training.convert WORK FOLDER

Here: which weight goes where, int8, the vocabularies beside the model. Not here: the card (evaluate.py writes it with
the scores that it measured).
"""

import argparse
import shutil
from pathlib import Path

import sentencepiece
import torch
from ctranslate2.specs import TransformerSpec, attention_spec, common_spec, transformer_spec
from torch import nn

from training.network import Attention, FeedForward, Network, Size


def _linear(spec: common_spec.LinearSpec, layer: nn.Linear) -> None:
    spec.weight, spec.bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()


def _norm(spec: common_spec.LayerNormSpec, layer: nn.LayerNorm) -> None:
    spec.gamma, spec.beta = layer.weight.detach().numpy(), layer.bias.detach().numpy()


def _attention(spec: attention_spec.MultiHeadAttentionSpec, layer: Attention) -> None:
    _norm(spec.layer_norm, layer.norm)
    inputs = [layer.inputs] if layer.memory is None else [layer.inputs, layer.memory]
    for part, linear in zip(spec.linear, [*inputs, layer.output], strict=True):
        _linear(part, linear)


def _feed_forward(spec: transformer_spec.FeedForwardSpec, layer: FeedForward) -> None:
    _norm(spec.layer_norm, layer.norm)
    _linear(spec.linear_0, layer.wide)
    _linear(spec.linear_1, layer.narrow)


def specification(network: Network, source: list[str], target: list[str]) -> TransformerSpec:
    """The network with its vocabularies, in CTranslate2's terms."""
    size = network.size
    spec = TransformerSpec.from_config(
        (size.encoder_layers, size.decoder_layers), size.heads, pre_norm=True, activation=common_spec.Activation.RELU
    )
    encoder, decoder = spec.encoder, spec.decoder
    encoder.embeddings[0].weight = network.source.weight.detach().numpy()
    decoder.embeddings.weight = network.target.weight.detach().numpy()
    for side in (encoder, decoder):
        side.scale_embeddings = True
        side.position_encodings.encodings = network.positions.numpy()
    for part, layer in zip(encoder.layer, network.encoder, strict=True):
        _attention(part.self_attention, layer.within)
        _feed_forward(part.ffn, layer.forth)
    for part, layer in zip(decoder.layer, network.decoder, strict=True):
        _attention(part.self_attention, layer.within)
        _attention(part.attention, layer.across)
        _feed_forward(part.ffn, layer.forth)
    _norm(encoder.layer_norm, network.encoder_norm)
    _norm(decoder.layer_norm, network.decoder_norm)
    decoder.projection.weight, decoder.projection.bias = (
        network.target.weight.detach().numpy(),
        network.output_bias.detach().numpy(),
    )
    spec.register_source_vocabulary(source)
    spec.register_target_vocabulary(target)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<s>", "</s>", "<unk>"
    spec.config.decoder_start_token = "<s>"
    spec.validate()
    return spec


def convert(work: Path, folder: Path) -> int:
    """Replaces the folder by the checkpoint's model as int8; the number of steps it was trained for."""
    saved = torch.load(work / "checkpoint.0.pt")
    network = Network(Size(**saved["size"]))
    network.load_state_dict(saved["network"])
    pieces = []
    for side in ("source", "target"):
        processor = sentencepiece.SentencePieceProcessor(model_file=str(work / f"{side}.spm"))
        pieces.append([processor.id_to_piece(number) for number in range(processor.get_piece_size())])
    spec = specification(network, *pieces)
    spec.optimize(quantization="int8")
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    spec.save(str(fresh))
    for side in ("source", "target"):
        shutil.copyfile(work / f"{side}.spm", fresh / f"{side}.spm")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
    return int(saved["done"])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="folder with checkpoint.0.pt and the vocabularies")
    parser.add_argument("folder", type=Path, help="model folder; what is in it is replaced")
    arguments = parser.parse_args()
    print(f"{arguments.folder}: {convert(arguments.work, arguments.folder)} steps")


if __name__ == "__main__":
    main()

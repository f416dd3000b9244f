"""What cannot be read, and why: no polyhedral complex describes it."""

from __future__ import annotations

__all__ = ["reason"]

_SMOOTH = """
Acos Acosh Asin Asinh Atan Atanh Celu Cos Cosh Elu Erf Exp Gelu GroupNormalization HardSwish
InstanceNormalization LayerNormalization LpNormalization LpPool LRN Log Mish Pow Reciprocal
ReduceL2 ReduceLogSum ReduceLogSumExp ReduceProd ReduceSumSquare RMSNormalization Selu Sin Sinh
Softplus Softsign Sqrt Swish Tan Tanh GRU LSTM RNN Attention MeanVarianceNormalization Det
FusedMatMul SkipLayerNormalization BiasGelu FastGelu Normalizer acos acosh asin asinh atan atanh
celu cos cosh elu erf exp gelu native_group_norm hardswish native_layer_norm log mish pow
reciprocal prod selu silu sin sinh softplus softsign sqrt rsqrt tan tanh expm1 log1p log2 log10
exp2 square glu lstm gru linalg_vector_norm norm var std var_mean std_mean logsumexp cdist
_cdist_forward addcdiv atan2 hypot _scaled_dot_product_flash_attention_for_cpu
scaled_dot_product_attention _fused_rms_norm _scaled_dot_product_attention_math_for_mps
_thnn_fused_lstm_cell
"""
_JUMPS = """
ArgMax ArgMin BitShift Ceil Equal Floor Greater GreaterOrEqual Hardmax IsInf IsNaN Less
LessOrEqual Mod Multinomial NonMaxSuppression NonZero OneHot QuantizeLinear DynamicQuantizeLinear
Round Sign TopK Unique Not And Or Xor Bernoulli RandomNormalLike RandomUniformLike argmax argmin
ceil eq floor gt ge lt le ne fmod remainder round sign sgn sort topk trunc frac fix logical_not
logical_and logical_or isnan isinf nonzero hardshrink heaviside floor_divide
"""
_QUANTISES = """
aminmax _fake_quantize_per_tensor_affine_cachemask_tensor_qparams
fake_quantize_per_tensor_affine_cachemask fake_quantize_per_channel_affine_cachemask
fake_quantize_per_tensor_affine quantize_per_tensor fused_moving_avg_obs_fake_quant
_fused_moving_avg_obs_fq_helper quantize_per_channel quantize_per_tensor_dynamic
"""
_DRAWS = (
    "bernoulli dropout native_dropout normal uniform exponential multinomial rand_like randn_like"
)


def reason(name: str) -> str | None:
    """Why an operator has no place in a piecewise linear network; None if that is not known."""
    if name in _SMOOTH.split():
        return "it is not piecewise linear, so it has no polyhedral cells"
    if name in _QUANTISES.split():
        return "it belongs to fake quantisation, which rounds and is not continuous"
    if name in _DRAWS.split():
        return "it draws random numbers, as active Dropout does; call network.eval() first"
    if name in _JUMPS.split():
        return "it jumps or decides, so the network would not be continuous"
    return None

import pytest

from text.latex import readable


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"\sum_{i=1}^{n} x_i", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\frac{a+b}{2c}", "(a+b)/(2c)"),
        (r"\frac{1}{N}\sum_t x", "1/N ∑ₜ x"),
        (r"\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V", "softmax(QKᵀ/(√dₖ))V"),
        (r"\hat{y} \in \mathbb{R}^{d \times d}", "ŷ ∈ ℝ^(d × d)"),
        (r"p_\theta(x_t \mid x_{<t})", "p_θ(xₜ ∣ x_(<t))"),
        (r"\sqrt[3]{x}", "³√x"),
        (r"\begin{aligned}a &= b\\ c &= d\end{aligned}", "a = b; c = d"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "1 2; 3 4"),
        (r"\log_2 x \le 5\%", "log₂ x ≤ 5%"),
        (r"\text{two words}_{max}", "two wordsₘₐₓ"),
        (r"f'(x)", "f′(x)"),
        (r"\{a, b\}", "{a, b}"),
        (r"\binom{n}{k}", "C(n, k)"),
    ],
)
def test_a_formula_reads_as_plain_notation(latex, shown):
    assert readable(latex) == shown

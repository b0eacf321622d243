package dev.assay.autodiff.rules;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Einsum is linear in each operand, and its derivative is an Einsum again: the cotangent takes the place of the
/// operand, whose letters become the output. With `ij,jk->ik`: dA = `ik,jk->ij` of (dY, B).
final class EinsumRule {

    private EinsumRule() {}

    static List<Value> einsum(Node n, Value dy, GradientBuilder g) {
        Equation equation = Equation.of(n, g);
        List<Value> results = new ArrayList<>();
        for (int operand = 0; operand < n.inputs().size(); operand++) {
            results.add(g.wants(n.input(operand)) ? cotangent(n, operand, dy, equation, g) : Value.ABSENT);
        }
        return results;
    }

    private static Value cotangent(Node n, int operand, Value dy, Equation equation, GradientBuilder g) {
        List<Value> operands = new ArrayList<>(List.of(dy));
        List<String> terms = new ArrayList<>(List.of(equation.output));
        for (int other = 0; other < n.inputs().size(); other++) {
            if (other != operand) {
                operands.add(n.input(other));
                terms.add(equation.inputs.get(other));
            }
        }
        // A letter that occurs twice in the operand stands for its diagonal: the second becomes a letter of its own,
        // tied to the first by an identity matrix.
        StringBuilder letters = new StringBuilder();
        for (char letter : equation.inputs.get(operand).toCharArray()) {
            if (letters.indexOf(String.valueOf(letter)) < 0) {
                letters.append(letter);
                continue;
            }
            char twin = equation.freshLetter(letters.toString());
            equation.lengths.put(twin, equation.lengths.get(letter));
            operands.add(identity(equation.lengths.get(letter), g.typeOf(n.input(operand)), g));
            terms.add("" + letter + twin);
            letters.append(twin);
        }
        return assembled(n.input(operand), letters.toString(), operands, terms, equation, g);
    }

    /// Letters that occur nowhere else were summed out, so the cotangent is repeated along them; axes of length
    /// 1 that stood for longer ones are summed.
    private static Value assembled(
            Value operand,
            String letters,
            List<Value> operands,
            List<String> terms,
            Equation equation,
            GradientBuilder g) {
        long[] shape = g.shapeOf(operand);
        long[] present = shape.clone();
        StringBuilder kept = new StringBuilder();
        for (int axis = 0; axis < shape.length; axis++) {
            String letter = letters.substring(axis, axis + 1);
            boolean repeated = shape[axis] == 1 && equation.lengths.get(letter.charAt(0)) != 1;
            if (!repeated && terms.stream().anyMatch(term -> term.contains(letter))) {
                kept.append(letter);
            } else {
                present[axis] = 1;
            }
        }
        Value product =
                g.node("Einsum", operands, Map.of("equation", Attribute.of(String.join(",", terms) + "->" + kept)));
        Value placed = kept.length() == shape.length ? product : g.reshape(product, present);
        return java.util.Arrays.equals(present, shape) ? placed : g.expand(placed, shape);
    }

    private static Value identity(long length, ElementType type, GradientBuilder g) {
        double[] elements = new double[Math.toIntExact(length * length)];
        for (int i = 0; i < length; i++) {
            elements[(int) (i * length + i)] = 1;
        }
        return g.constant(TensorData.ofDoubles(type, elements, length, length));
    }

    /// The equation with one letter per axis: ellipses are spelled out, the output is explicit.
    private record Equation(List<String> inputs, String output, Map<Character, Long> lengths) {

        private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

        static Equation of(Node n, GradientBuilder g) {
            String text = n.text("equation", "").replace(" ", "");
            String[] sides = text.split("->", -1);
            String[] terms = sides[0].split(",", -1);
            int ellipsis = 0;
            for (int i = 0; i < terms.length; i++) {
                if (terms[i].contains("...")) {
                    ellipsis = Math.max(ellipsis, g.rank(n.input(i)) - terms[i].length() + 3);
                }
            }
            StringBuilder spelled = new StringBuilder();
            for (int i = 0; spelled.length() < ellipsis; i++) {
                if (text.indexOf(ALPHABET.charAt(i)) < 0) {
                    spelled.append(ALPHABET.charAt(i));
                }
            }
            List<String> inputs = new ArrayList<>();
            Map<Character, Long> lengths = new HashMap<>();
            for (int i = 0; i < terms.length; i++) {
                int hidden = g.rank(n.input(i)) - terms[i].length() + 3;
                String term = terms[i].contains("...")
                        ? terms[i].replace("...", spelled.substring(ellipsis - hidden))
                        : terms[i];
                long[] shape = g.shapeOf(n.input(i));
                for (int axis = 0; axis < shape.length; axis++) {
                    lengths.merge(term.charAt(axis), shape[axis], Math::max);
                }
                inputs.add(term);
            }
            String output = sides.length > 1 ? sides[1].replace("...", spelled) : implicit(inputs, spelled.toString());
            return new Equation(inputs, output, lengths);
        }

        /// Without an arrow the output has the letters that occur once, in the order of the alphabet.
        private static String implicit(List<String> inputs, String ellipsis) {
            String all = String.join("", inputs);
            StringBuilder output = new StringBuilder(ellipsis);
            all.chars()
                    .filter(letter -> all.indexOf(letter) == all.lastIndexOf(letter) && ellipsis.indexOf(letter) < 0)
                    .sorted()
                    .forEach(letter -> output.append((char) letter));
            return output.toString();
        }

        char freshLetter(String alsoTaken) {
            for (char letter : ALPHABET.toCharArray()) {
                if (!lengths.containsKey(letter) && alsoTaken.indexOf(letter) < 0) {
                    return letter;
                }
            }
            throw new IllegalStateException("Einsum with more than 52 letters");
        }
    }
}

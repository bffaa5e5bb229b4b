namespace OsmExt.PluginHost.Cel;

/// <summary>What signs between two values mean.</summary>
internal static class CelOperators
{
    public static object? Of(CelBinary binary, object? left, object? right, Action<long> count)
    {
        switch (binary.Operator)
        {
            case "==":
                return Same(left, right, count);
            case "!=":
                return !Same(left, right, count);
            case "in":
                return right switch
                {
                    IReadOnlyList<object?> list => list.Any(item => Same(item, left, count)),
                    IReadOnlyDictionary<string, object?> map => left is string key && map.ContainsKey(key),
                    _ => throw new CelException("Only lists and mappings have something in them", binary.At),
                };
            case "<" or "<=" or ">" or ">=" when left is double.NaN || right is double.NaN:
                return false;
            case "<" or "<=" or ">" or ">=":
                var order = Order(binary, left, right, count);
                return binary.Operator switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
            default:
                return Reckoned(binary, left, right, count);
        }
    }

    private static bool Same(object? left, object? right, Action<long> count)
    {
        count(1);
        switch (left, right)
        {
            case (string one, string other):
                count(Math.Min(one.Length, other.Length));
                return string.Equals(one, other, StringComparison.Ordinal);
            case (double one, double other):
                // Unlike Equals, which takes what is no number for the same as itself.
                return one == other;
            case (long whole, double number):
                return whole == number;
            case (double number, long whole):
                return whole == number;
            case (IReadOnlyList<object?> one, IReadOnlyList<object?> other):
                return one.Count == other.Count && one.Zip(other).All(pair => Same(pair.First, pair.Second, count));
            case (IReadOnlyDictionary<string, object?> one, IReadOnlyDictionary<string, object?> other):
                return one.Count == other.Count && one.All(entry => other.TryGetValue(entry.Key, out var value) && Same(entry.Value, value, count));
            default:
                return Equals(left, right);
        }
    }

    private static int Order(CelBinary binary, object? left, object? right, Action<long> count)
    {
        switch (left, right)
        {
            case (string one, string other):
                count(Math.Min(one.Length, other.Length));
                return string.CompareOrdinal(one, other);
            case (long one, long other):
                return one.CompareTo(other);
            case (long or double, long or double):
                return Convert.ToDouble(left, null).CompareTo(Convert.ToDouble(right, null));
            case (bool one, bool other):
                return one.CompareTo(other);
            default:
                throw new CelException("They cannot be compared", binary.At);
        }
    }

    private static object? Reckoned(CelBinary binary, object? left, object? right, Action<long> count)
    {
        try
        {
            switch (binary.Operator, left, right)
            {
                case ("+", string one, string other):
                    count(one.Length + other.Length);
                    return one + other;
                case ("+", IReadOnlyList<object?> one, IReadOnlyList<object?> other):
                    count(one.Count + other.Count);
                    return one.Concat(other).ToArray();
                case (_, long one, long other):
                    return checked(binary.Operator switch { "+" => one + other, "-" => one - other, "*" => one * other, "/" => one / other, _ => one % other });
                case ("+" or "-" or "*" or "/", double one, double other):
                    return binary.Operator switch { "+" => one + other, "-" => one - other, "*" => one * other, _ => one / other };
                default:
                    throw new CelException($"'{binary.Operator}' cannot be used on them", binary.At);
            }
        }
        catch (ArithmeticException failure)
        {
            throw new CelException(failure is DivideByZeroException ? "It divides by zero" : "The number is too large", binary.At);
        }
    }
}

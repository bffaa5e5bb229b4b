namespace OsmExt.PluginHost.Cel;

/// <summary>
/// Works out an expression for one value. Every step is counted, and what is done to a text or a list counts by its length: an expression that would go on for
/// too long ends with an error, whatever it is given.
/// </summary>
internal sealed class CelEvaluation
{
    // What throws takes as long as many steps that do not.
    private const int FailureWork = 100;
    private readonly Dictionary<string, object?> _names;
    private readonly CelBudget _budget;

    private CelEvaluation(IEnumerable<KeyValuePair<string, object?>> names, CelBudget budget) => (_names, _budget) = (new(names, StringComparer.Ordinal), budget);

    /// <summary>Whether a rule holds.</summary>
    /// <exception cref="CelException">It has no value.</exception>
    public static bool Holds(CelNode rule, object? self, CelBudget budget) => Holds(rule, [KeyValuePair.Create("self", self)], budget);

    /// <summary>Whether a rule holds that is about several values, each with its name.</summary>
    /// <exception cref="CelException">It has no value.</exception>
    public static bool Holds(CelNode rule, IEnumerable<KeyValuePair<string, object?>> names, CelBudget budget) => new CelEvaluation(names, budget).Flag(rule);

    /// <summary>What an expression gives.</summary>
    /// <exception cref="CelException">It has no value.</exception>
    public static object? Value(CelNode node, IEnumerable<KeyValuePair<string, object?>> names, CelBudget budget) => new CelEvaluation(names, budget).Of(node);

    private object? Of(CelNode node)
    {
        Count(1);
        return node switch
        {
            CelLiteral literal => literal.Value,
            CelName name => _names[name.Name],
            CelField { OnlyAsks: true } asked => Of(asked.Of) is IReadOnlyDictionary<string, object?> map ? map.GetValueOrDefault(asked.Name) is not null : throw new CelException($"There is no field {asked.Name}", asked.At),
            CelField field => Of(field.Of) is IReadOnlyDictionary<string, object?> map && map.TryGetValue(field.Name, out var value) ? value : throw new CelException($"There is no field {field.Name} in it", field.At),
            CelItem item => Item(item),
            CelList list => list.Items.Select(Of).ToArray(),
            CelUnary { Operator: "!" } not => !Flag(not.Of),
            CelUnary minus => Of(minus.Of) switch { long.MinValue => throw new CelException("The number is too large", minus.At), long whole => (object)(-whole), double number => -number, _ => throw new CelException("Only numbers have an opposite", minus.At) },
            CelBinary { Operator: "&&" } and => !Any(false, () => Flag(and.Left), () => Flag(and.Right)),
            CelBinary { Operator: "||" } or => Any(true, () => Flag(or.Left), () => Flag(or.Right)),
            CelBinary binary => CelOperators.Of(binary, Of(binary.Left), Of(binary.Right), Count),
            CelChoice choice => Flag(choice.If) ? Of(choice.Then) : Of(choice.Else),
            CelLoop loop => Loop(loop),
            CelCall call => Call(call),
            _ => throw new CelException("It has no value", node.At),
        };
    }

    private void Count(long work) => _budget.Take(work);

    private bool Flag(CelNode node) => Of(node) is bool flag ? flag : throw new CelException("Expected true or false", node.At);

    private object? Item(CelItem item) => (Of(item.Of), Of(item.Key)) switch
    {
        (IReadOnlyList<object?> list, long index) => index >= 0 && index < list.Count ? list[(int)index] : throw new CelException($"There is no item {index}", item.At),
        (IReadOnlyDictionary<string, object?> map, string key) => map.TryGetValue(key, out var value) ? value : throw new CelException($"There is no \"{key}\" in it", item.At),
        _ => throw new CelException("It has no such items", item.At),
    };

    private object? Call(CelCall call)
    {
        var given = call.Arguments.Select(Of).ToArray();
        Count(CelFunctions.Work(call.Function, given));
        try
        {
            return CelFunctions.All[call.Function].Call(given);
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            // It has taken more time than all steps together may; another try would as well.
            throw new CelException("The pattern takes too long for this text", call.At) { IsFinal = true };
        }
    }

    private object? Loop(CelLoop loop)
    {
        IReadOnlyList<object?> items = Of(loop.Over) switch
        {
            IReadOnlyList<object?> list => list,
            IReadOnlyDictionary<string, object?> map => [.. map.Keys.Order(StringComparer.Ordinal)],
            _ => throw new CelException($"{loop.Macro} is for lists and mappings", loop.At),
        };
        var hidden = _names.TryGetValue(loop.Variable, out var known);
        try
        {
            return loop.Macro switch
            {
                "all" => !Any(false, items.Select(item => (Func<bool>)(() => Flag(With(item).Body)))),
                "exists" => Any(true, items.Select(item => (Func<bool>)(() => Flag(With(item).Body)))),
                "exists_one" => items.Count(item => Flag(With(item).Body)) == 1,
                "filter" => items.Where(item => Flag(With(item).Body)).ToArray(),
                _ => items.Select(item => Of(With(item).Body)).ToArray(),
            };
        }
        finally
        {
            _names.Remove(loop.Variable);
            if (hidden)
            {
                _names[loop.Variable] = known;
            }
        }

        CelLoop With(object? item)
        {
            Count(1);
            _names[loop.Variable] = item;
            return loop;
        }
    }

    // One that decides counts even where others have no value, in any order.
    private bool Any(bool deciding, params IEnumerable<Func<bool>> parts)
    {
        CelException? failure = null;
        foreach (var part in parts)
        {
            try
            {
                if (part() == deciding)
                {
                    return true;
                }
            }
            catch (CelException found) when (!found.IsFinal)
            {
                Count(FailureWork);
                failure ??= found;
            }
        }

        return failure is null ? false : throw failure;
    }
}

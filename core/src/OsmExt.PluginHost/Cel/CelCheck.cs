using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Cel;

/// <summary>What is known of a value before there is one.</summary>
/// <param name="Type">Its type; null when that is only known when it is there.</param>
/// <param name="Schema">Of an object or a list: what is in it.</param>
internal readonly record struct CelKnown(ConfigType? Type, ConfigSchema? Schema = null)
{
    public static CelKnown Unknown => default;

    public static CelKnown Of(ConfigSchema? schema) => schema is null ? Unknown : new(schema.Type, schema);
}

/// <summary>Finds what can be wrong with an expression before any object is there: names and fields that do not exist, functions, and types where they are known.</summary>
/// <param name="names">What there is, and what is known of it.</param>
internal sealed class CelCheck(IEnumerable<KeyValuePair<string, CelKnown>> names)
{
    private readonly Dictionary<string, CelKnown> _names = new(names, StringComparer.Ordinal);

    /// <exception cref="CelException">It cannot be used.</exception>
    public static void Rule(CelNode node, ConfigSchema self) => Rule(node, [KeyValuePair.Create("self", CelKnown.Of(self))]);

    /// <exception cref="CelException">It cannot be used.</exception>
    public static void Rule(CelNode node, IEnumerable<KeyValuePair<string, CelKnown>> names)
    {
        if (new CelCheck(names).Of(node).Type is { } type and not ConfigType.Boolean)
        {
            throw new CelException($"A rule is true or false, and this is {Word(type)}", node.At);
        }
    }

    private CelKnown Of(CelNode node) => node switch
    {
        CelLiteral literal => new(literal.Value switch { bool => ConfigType.Boolean, long => ConfigType.Integer, double => ConfigType.Number, string => ConfigType.String, _ => null }),
        CelName name when _names.TryGetValue(name.Name, out var known) => known,
        CelName { Name: "oldSelf" } => throw new CelException("Rules about what an object was before are not carried out; compare fields of self", node.At),
        CelName name => throw new CelException($"There is no {name.Name} here; rules are about {string.Join(" and ", _names.Keys)}", node.At),
        CelField field => Field(field),
        CelItem item => Item(item),
        CelList list => List(list),
        CelUnary { Operator: "!" } not => Expect(not.Of, ConfigType.Boolean),
        CelUnary minus => Expect(minus.Of, ConfigType.Integer, ConfigType.Number),
        CelBinary binary => Binary(binary),
        CelChoice choice => Choice(choice),
        CelLoop loop => Loop(loop),
        CelCall call => Call(call),
        _ => CelKnown.Unknown,
    };

    private CelKnown Field(CelField field)
    {
        var of = Of(field.Of);
        if (of.Type is { } type && type != ConfigType.Object)
        {
            throw new CelException($"{Word(type)} has no field {field.Name}", field.At);
        }

        var result = CelKnown.Unknown;
        if (of.Schema is { } schema)
        {
            var property = schema.Properties.FirstOrDefault(property => string.Equals(property.Name, field.Name, StringComparison.Ordinal));
            if (property is null && schema.Values is null && !schema.IgnoresUnknown)
            {
                var names = schema.Properties.Select(other => other.Name).ToArray();
                throw new CelException($"There is no field {field.Name}{(Suggestion.Closest(field.Name, names) is { } meant ? $"; did you mean {meant}" : names.Length > 0 ? $"; there are {string.Join(", ", names)}" : "")}", field.At);
            }

            result = CelKnown.Of(property?.Schema ?? schema.Values);
        }

        return field.OnlyAsks ? new(ConfigType.Boolean) : result;
    }

    private CelKnown Item(CelItem item)
    {
        var (of, key) = (Of(item.Of), Of(item.Key));
        if (of.Type is { } type && type is not (ConfigType.Array or ConfigType.Object))
        {
            throw new CelException($"{Word(type)} has no items", item.At);
        }

        Is(key, item.Key.At, of.Type switch { ConfigType.Array => [ConfigType.Integer], ConfigType.Object => [ConfigType.String], _ => [ConfigType.Integer, ConfigType.String] });
        return CelKnown.Of(of.Schema?.Items ?? of.Schema?.Values);
    }

    private CelKnown List(CelList list)
    {
        foreach (var item in list.Items)
        {
            Of(item);
        }

        return new(ConfigType.Array);
    }

    private CelKnown Binary(CelBinary binary)
    {
        var (left, right) = (Of(binary.Left), Of(binary.Right));
        switch (binary.Operator)
        {
            case "&&" or "||":
                Is(left, binary.Left.At, ConfigType.Boolean);
                Is(right, binary.Right.At, ConfigType.Boolean);
                return new(ConfigType.Boolean);
            case "in":
                Is(right, binary.Right.At, ConfigType.Array, ConfigType.Object);
                return new(ConfigType.Boolean);
            case "==" or "!=" or "<" or "<=" or ">" or ">=":
                if (left.Type is { } one && right.Type is { } other && one != other && !(IsNumber(one) && IsNumber(other)))
                {
                    throw new CelException($"{Word(one)} and {Word(other)} cannot be compared", binary.At);
                }

                return new(ConfigType.Boolean);
            default:
                if (left.Type is { } first && right.Type is { } second && first != second)
                {
                    throw new CelException($"'{binary.Operator}' cannot be used on {Word(first)} and {Word(second)}; use int(), double() or string()", binary.At);
                }

                return new(left.Type ?? right.Type);
        }
    }

    private CelKnown Choice(CelChoice choice)
    {
        Expect(choice.If, ConfigType.Boolean);
        var (then, otherwise) = (Of(choice.Then), Of(choice.Else));
        return then.Type == otherwise.Type ? then : CelKnown.Unknown;
    }

    private CelKnown Loop(CelLoop loop)
    {
        var over = Expect(loop.Over, ConfigType.Array, ConfigType.Object);
        var hidden = _names.TryGetValue(loop.Variable, out var known);
        _names[loop.Variable] = over.Type == ConfigType.Object ? new(ConfigType.String) : CelKnown.Of(over.Schema?.Items);
        var body = Of(loop.Body);
        _names.Remove(loop.Variable);
        if (hidden)
        {
            _names[loop.Variable] = known;
        }

        if (loop.Macro != "map")
        {
            Is(body, loop.Body.At, ConfigType.Boolean);
        }

        return loop.Macro switch { "map" => new(ConfigType.Array), "filter" => over.Type == ConfigType.Array ? over : new(ConfigType.Array), _ => new(ConfigType.Boolean) };
    }

    private CelKnown Call(CelCall call)
    {
        if (!CelFunctions.All.TryGetValue(call.Function, out var function))
        {
            throw new CelException($"There is no function {call.Function}; there are {string.Join(", ", CelFunctions.All.Keys.Order(StringComparer.Ordinal))}, has, all, exists, exists_one, filter and map", call.At);
        }

        if (call.Arguments.Count != function.Arguments.Length)
        {
            throw new CelException($"{call.Function} takes {function.Arguments.Length}, and it has {call.Arguments.Count}", call.At);
        }

        for (var index = 0; index < call.Arguments.Count; index++)
        {
            Expect(call.Arguments[index], function.Arguments[index]);
        }

        if (call is { Function: "matches", Arguments: [_, CelLiteral { Value: string pattern } literal] })
        {
            CelFunctions.Pattern(pattern, literal.At);
        }

        return new(function.Result);
    }

    private CelKnown Expect(CelNode node, params ConfigType[] types)
    {
        var known = Of(node);
        Is(known, node.At, types);
        return known;
    }

    private static void Is(CelKnown known, int at, params ConfigType[] types)
    {
        if (known.Type is { } type && !types.Contains(type))
        {
            throw new CelException($"Expected {string.Join(" or ", types.Select(Word))}, and this is {Word(type)}", at);
        }
    }

    private static bool IsNumber(ConfigType type) => type is ConfigType.Integer or ConfigType.Number;

    private static string Word(ConfigType type) => type switch
    {
        ConfigType.String => "a text",
        ConfigType.Integer => "a whole number",
        ConfigType.Number => "a number",
        ConfigType.Boolean => "true or false",
        ConfigType.Array => "a list",
        _ => "an object",
    };
}

namespace OsmExt.PluginHost.Cel;

/// <summary>Reads an expression of the Common Expression Language, as far as rules for objects need it.</summary>
internal sealed class CelParser
{
    public const int MaxLength = 2048;
    private const int MaxDepth = 64;
    private static readonly string[] Macros = ["all", "exists", "exists_one", "filter", "map"];
    private static readonly string[][] Levels = [["||"], ["&&"], ["<", "<=", ">", ">=", "==", "!=", "in"], ["+", "-"], ["*", "/", "%"]];

    private readonly List<CelToken> _tokens;
    private int _next;
    private int _depth;

    private CelParser(string text) => _tokens = CelTokens.Of(text);

    /// <exception cref="CelException">It cannot be read.</exception>
    public static CelNode Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new CelException($"It is longer than {MaxLength} characters");
        }

        var parser = new CelParser(text);
        var node = parser.Expression();
        return parser.Peek.Word == CelWord.End ? node : throw parser.Unexpected();
    }

    private CelToken Peek => _tokens[_next];

    private CelNode Expression()
    {
        if (++_depth > MaxDepth)
        {
            throw new CelException($"It is nested more than {MaxDepth} deep", Peek.At);
        }

        var condition = Binary(0);
        if (Takes("?") is { } at)
        {
            var then = Expression();
            Expect(":");
            condition = new CelChoice(at, condition, then, Expression());
        }

        _depth--;
        return condition;
    }

    private CelNode Binary(int level)
    {
        if (level == Levels.Length)
        {
            return Unary();
        }

        var left = Binary(level + 1);
        while (Peek.Word == CelWord.Sign && Levels[level].Contains(Peek.Text, StringComparer.Ordinal))
        {
            var sign = _tokens[_next++];
            left = new CelBinary(sign.At, sign.Text, left, Binary(level + 1));
        }

        return left;
    }

    private CelNode Unary()
    {
        if (Peek is not { Word: CelWord.Sign, Text: "!" or "-" })
        {
            return Member();
        }

        if (++_depth > MaxDepth)
        {
            throw new CelException($"It is nested more than {MaxDepth} deep", Peek.At);
        }

        var sign = _tokens[_next++];
        var node = new CelUnary(sign.At, sign.Text, Unary());
        _depth--;
        return node;
    }

    private CelNode Member()
    {
        var node = Primary();
        while (true)
        {
            if (Takes(".") is not null)
            {
                var name = Name();
                node = Takes("(") is { } ? Called(name, node) : new CelField(name.At, node, name.Text);
            }
            else if (Takes("[") is { } at)
            {
                node = new CelItem(at, node, Expression());
                Expect("]");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Primary()
    {
        var token = Peek;
        if (token.Word == CelWord.Value)
        {
            _next++;
            return new CelLiteral(token.At, token.Value);
        }

        if (Takes("(") is not null)
        {
            var inner = Expression();
            Expect(")");
            return inner;
        }

        if (Takes("[") is { } at)
        {
            return new CelList(at, Until("]"));
        }

        var name = Name();
        return Takes("(") is null ? new CelName(name.At, name.Text) : Called(name, null);
    }

    private CelNode Called(CelToken name, CelNode? on)
    {
        var arguments = Until(")");
        if (name.Text == "has" && on is null)
        {
            return arguments is [CelField field] ? field with { OnlyAsks = true } : throw new CelException("has takes a field, like has(self.name)", name.At);
        }

        if (on is not null && Macros.Contains(name.Text, StringComparer.Ordinal))
        {
            return arguments is [CelName variable, var body] ? new CelLoop(name.At, name.Text, on, variable.Name, body)
                : throw new CelException($"{name.Text} takes a name and an expression, like {name.Text}(item, item > 0)", name.At);
        }

        return new CelCall(name.At, name.Text, on is null ? arguments : [on, .. arguments]);
    }

    private List<CelNode> Until(string end)
    {
        var nodes = new List<CelNode>();
        while (Takes(end) is null)
        {
            if (nodes.Count > 0)
            {
                Expect(",");
            }

            nodes.Add(Expression());
        }

        return nodes;
    }

    private CelToken Name() => Peek.Word == CelWord.Name ? _tokens[_next++] : throw Unexpected();

    private int? Takes(string sign) => Peek.Word == CelWord.Sign && Peek.Text == sign ? _tokens[_next++].At : null;

    private void Expect(string sign)
    {
        if (Takes(sign) is null)
        {
            throw new CelException($"Expected '{sign}', found {Found}", Peek.At);
        }
    }

    private string Found => Peek.Word switch { CelWord.End => "the end", CelWord.Value => "a value", _ => $"'{Peek.Text}'" };

    private CelException Unexpected() => new($"{char.ToUpperInvariant(Found[0])}{Found[1..]} is not expected here", Peek.At);
}

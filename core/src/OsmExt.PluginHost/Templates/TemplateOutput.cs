using System.Text;
using Scriban.Runtime;

namespace OsmExt.PluginHost.Templates;

/// <summary>Text that grows up to a limit and remembers which line of the template each of its lines began in.</summary>
internal sealed class TemplateOutput(int limit) : IScriptOutput
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _origins = [1];

    /// <summary>The line of the template, from 1, that is being carried out.</summary>
    public Func<int> Line { get; set; } = static () => 1;

    public string Text => _text.ToString();

    /// <summary>The line of the template behind a line of the text; both count from 1.</summary>
    public int OriginOf(long line) => _origins[(int)Math.Clamp(line - 1, 0, _origins.Count - 1)];

    public void Write(string text, int offset, int count)
    {
        if (_text.Length + count > limit)
        {
            throw new TemplateFailure($"The output is longer than {limit} characters", Line());
        }

        var line = Line();
        // A line that another expression has begun belongs to the expression that fills it.
        if (_text.Length == 0 || _text[^1] == '\n')
        {
            _origins[^1] = line;
        }

        foreach (var letter in text.AsSpan(offset, count))
        {
            if (letter == '\n')
            {
                _origins.Add(++line);
            }
        }

        _text.Append(text, offset, count);
    }

    public ValueTask WriteAsync(string text, int offset, int count, CancellationToken cancellationToken)
    {
        Write(text, offset, count);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A template that cannot be rendered, and the line of it.</summary>
internal sealed class TemplateFailure(string message, int line) : Exception(message)
{
    public int Line => line;

    /// <summary>It took too long, which another time it may not.</summary>
    public bool IsLate { get; init; }
}

namespace OsmExt.Demo.View;

/// <summary>Colours, by meaning.</summary>
internal enum Paint
{
    Plain,
    Faint,
    Strong,
    Good,
    Warn,
    Bad,
    One,
    Two,
}

/// <summary>A piece of a line.</summary>
internal readonly record struct Span(string Text, Paint Paint = Paint.Plain)
{
    public static implicit operator Span(string text) => new(text);
}

/// <summary>Turns lines into text for a terminal or for a file.</summary>
internal static class Painter
{
    /// <summary>The line, cut to a width.</summary>
    public static string Render(IEnumerable<Span> line, bool colour, int width)
    {
        var text = new System.Text.StringBuilder();
        foreach (var span in line)
        {
            var part = span.Text.Length > width ? span.Text[..Math.Max(0, width)] : span.Text;
            width -= part.Length;
            text.Append(colour && Code(span.Paint) is { } code && part.Length > 0 ? $"\e[{code}m{part}\e[0m" : part);
        }

        return text.ToString().TrimEnd();
    }

    private static string? Code(Paint paint) => paint switch
    {
        Paint.Faint => "2",
        Paint.Strong => "1",
        Paint.Good => "32",
        Paint.Warn => "33",
        Paint.Bad => "31",
        Paint.One => "36",
        Paint.Two => "35",
        _ => null,
    };
}

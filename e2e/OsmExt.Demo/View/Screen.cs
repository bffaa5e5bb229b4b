namespace OsmExt.Demo.View;

/// <summary>
/// Standard output. On a terminal a block of lines at the end is drawn anew in place; into a file or a pipe only what stays is
/// written, without colours.
/// </summary>
internal sealed class Screen
{
    private const int WidthOfFiles = 200;

    private readonly bool _terminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
    private readonly bool _colour;
    private int _drawn;

    public Screen() => _colour = _terminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Whether the block can be drawn anew.</summary>
    public bool IsLive => _terminal;

    /// <summary>Writes lines that stay.</summary>
    public void Write(params IEnumerable<IReadOnlyList<Span>> lines)
    {
        Erase();
        foreach (var line in lines)
        {
            Console.WriteLine(Painter.Render(line, _colour, _terminal ? int.MaxValue : WidthOfFiles));
        }
    }

    /// <summary>Draws the block anew; does nothing where that is not possible.</summary>
    public void Draw(params IEnumerable<IReadOnlyList<Span>> lines)
    {
        if (!_terminal)
        {
            return;
        }

        var (width, height) = (Math.Max(20, Console.WindowWidth - 1), Math.Max(2, Console.WindowHeight - 1));
        var block = lines.Take(height).Select(line => Painter.Render(line, _colour, width)).ToArray();
        Erase();
        Console.Write(string.Concat(block.Select(line => line + "\n")));
        _drawn = block.Length;
    }

    private void Erase()
    {
        if (_drawn > 0)
        {
            Console.Write($"\e[{_drawn}A\e[J");
            _drawn = 0;
        }
    }
}

using System.Globalization;

namespace OsmExt.Demo;

/// <summary>A program's flags, written as Go programs have them (<c>-port 80</c>, <c>-port=80</c>, <c>--port 80</c>), and environment.</summary>
internal sealed class Settings
{
    private readonly Dictionary<string, string> _flags = new(StringComparer.Ordinal);

    public Settings(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var flag = arguments[i].TrimStart('-').Split('=', 2);
            if (!arguments[i].StartsWith('-'))
            {
                throw new ArgumentException($"'{arguments[i]}' is not a flag.");
            }

            _flags[flag[0]] = flag.Length == 2 ? flag[1] : i + 1 < arguments.Count ? arguments[++i] : "";
        }
    }

    public string Flag(string name, string otherwise) => _flags.GetValueOrDefault(name, otherwise);

    public int Port(int otherwise) => Port("port", otherwise);

    public int Port(string name, int otherwise) => int.Parse(Flag(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    public static string Variable(string name, string otherwise)
        => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : otherwise;

    public static double Number(string name, double otherwise)
        => double.Parse(Variable(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    /// <summary>A time in seconds; fractions are allowed.</summary>
    public static TimeSpan Seconds(string name, double otherwise) => TimeSpan.FromSeconds(Number(name, otherwise));
}

using System.Globalization;
using System.Text;
using OsmExt.Yaml;

namespace OsmExt.Envoy;

/// <summary>Where a walk through a message stands, printed as people write it: <c>filter_chains[0].filters[1].typed_config.stat_prefix</c>.</summary>
internal sealed class FieldPath
{
    private const int LongestKey = 80;
    private readonly List<(string? Name, int Index)> _steps = [];

    public int Depth => _steps.Count;

    public void Push(string field) => _steps.Add((field, -1));

    public void Push(int index) => _steps.Add((null, index));

    /// <summary>Enters the entry of a map, or the member of a free-form structure, that has this key.</summary>
    public void PushKey(string key)
        => _steps.Add(key.Length > LongestKey ? (string.Concat(key.AsSpan(0, LongestKey), "..."), 0) : (key, IsWord(key) ? -1 : 0));

    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, index) in _steps)
        {
            if (name is null)
            {
                text.Append(CultureInfo.InvariantCulture, $"[{index}]");
            }
            else if (index < 0)
            {
                text.Append(text.Length > 0 ? "." : "").Append(name);
            }
            else
            {
                text.Append("[\"").Append(YamlScalar.Printable(name).Replace("\"", "\\\"", StringComparison.Ordinal)).Append("\"]");
            }
        }

        return text.ToString();
    }

    private static bool IsWord(string key) => key.Length > 0 && key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
}

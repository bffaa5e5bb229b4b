using System.Collections;
using System.Globalization;

namespace OsmExt.Envoy;

/// <summary>A map field's entries in the order of their keys' text, since a map has none of its own.</summary>
internal static class MapEntries
{
    public static IEnumerable<(string Text, object Key, object Value)> Sorted(IDictionary map)
    {
        var entries = new List<(string Text, object Key, object Value)>(map.Count);
        foreach (DictionaryEntry entry in map)
        {
            var text = entry.Key is bool flag ? (flag ? "true" : "false") : Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!;
            entries.Add((text, entry.Key, entry.Value!));
        }

        entries.Sort((left, right) => string.CompareOrdinal(left.Text, right.Text));
        return entries;
    }
}

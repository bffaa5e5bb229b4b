using System.Collections;
using System.Runtime.CompilerServices;

namespace OsmExt.Sdk.Collections;

/// <summary>
/// Kubernetes labels, annotations or a label selector: string pairs, sorted by key, compared by content.
/// </summary>
[CollectionBuilder(typeof(LabelSet), nameof(Create))]
public sealed class LabelSet : IReadOnlyCollection<KeyValuePair<string, string>>, IEquatable<LabelSet>
{
    private readonly KeyValuePair<string, string>[] _pairs;

    private LabelSet(KeyValuePair<string, string>[] pairs) => _pairs = pairs;

    /// <summary>No labels.</summary>
    public static LabelSet Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _pairs.Length;

    /// <summary>Whether there are none. An empty selector selects nothing here: a Service without selector owns no pod.</summary>
    public bool IsEmpty => _pairs.Length == 0;

    /// <summary>The value of a key, or null.</summary>
    public string? this[string key]
    {
        get
        {
            foreach (var pair in _pairs)
            {
                if (string.Equals(pair.Key, key, StringComparison.Ordinal))
                {
                    return pair.Value;
                }
            }

            return null;
        }
    }

    /// <summary>Copies the pairs; of two with one key the last wins.</summary>
    public static LabelSet Create(ReadOnlySpan<KeyValuePair<string, string>> pairs)
    {
        if (pairs.IsEmpty)
        {
            return Empty;
        }

        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
        {
            sorted[key] = value;
        }

        return new([.. sorted]);
    }

    /// <summary>Copies a dictionary; null is empty.</summary>
    public static LabelSet From(IEnumerable<KeyValuePair<string, string>>? pairs)
        => pairs is null ? Empty : Create(pairs.ToArray());

    /// <summary>Whether this, as a selector, selects an object with those labels. An empty selector selects nothing.</summary>
    public bool Selects(LabelSet labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        foreach (var (key, value) in _pairs)
        {
            if (!string.Equals(labels[key], value, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return !IsEmpty;
    }

    /// <inheritdoc/>
    public bool Equals(LabelSet? other) => other is not null && (ReferenceEquals(this, other) || _pairs.AsSpan().SequenceEqual(other._pairs));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (key, value) in _pairs)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_pairs).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The pairs as <c>key=value</c>, separated by commas.</summary>
    public override string ToString() => string.Join(",", _pairs.Select(pair => $"{pair.Key}={pair.Value}"));
}

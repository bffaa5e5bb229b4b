namespace OsmExt.ControlPlane.Observability;

/// <summary>
/// Keeps the values of a label few, whatever names others think of: the first so many are told apart, the rest are one. A series is kept for as long as the
/// process lives, so names without end would take memory without end, here and in whatever scrapes it.
/// </summary>
internal sealed class BoundedLabels(int most)
{
    /// <summary>Stands for all that are not told apart. No name of Kubernetes has an underscore.</summary>
    public const string Others = "_others";

    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public string Of(string value)
    {
        lock (_lock)
        {
            return _known.Contains(value) || (_known.Count < most && _known.Add(value)) ? value : Others;
        }
    }
}

using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// What was made of each service the last time. The policy compiler hands out the same object for a service that did not change,
/// so a service is looked up by reference. What a round does not ask for is forgotten at its end.
/// </summary>
internal sealed class ServiceMemo<T>
{
    private readonly Dictionary<MeshService, Entry> _entries = new(ReferenceEqualityComparer.Instance);
    private int _round;
    private int _used;

    public int Count => _entries.Count;

    public void Begin()
    {
        _round++;
        _used = 0;
    }

    /// <param name="service">The service.</param>
    /// <param name="input">What else the value is made from, besides what the memo is cleared for.</param>
    /// <param name="make">Makes it, from these two only.</param>
    public T Get<TInput>(MeshService service, TInput input, Func<MeshService, TInput, T> make)
        where TInput : class?
    {
        if (!_entries.TryGetValue(service, out var entry) || !Equals(entry.Input, input))
        {
            _entries[service] = entry = new(input, make(service, input));
        }

        _used += entry.Round == _round ? 0 : 1;
        entry.Round = _round;
        return entry.Value;
    }

    public T? Find(MeshService service) => _entries.TryGetValue(service, out var entry) ? entry.Value : default;

    /// <summary>Replaces what is known of a service; <see cref="Get"/> finds it for an equal input.</summary>
    public void Set(MeshService service, object? input, T value) => _entries[service] = new(input, value);

    /// <summary>Returns what is forgotten.</summary>
    public T[] End()
    {
        if (_used == _entries.Count)
        {
            return [];
        }

        var unused = _entries.Where(entry => entry.Value.Round != _round).ToArray();
        foreach (var (service, _) in unused)
        {
            _entries.Remove(service);
        }

        return [.. unused.Select(entry => entry.Value.Value)];
    }

    public void Clear() => _entries.Clear();

    private sealed class Entry(object? input, T value)
    {
        public object? Input => input;

        public T Value => value;

        public int Round { get; set; }
    }
}

using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// What was made of each service the last time. The policy compiler hands out the same object for a service that did not change,
/// so a service is looked up by reference. What a round does not ask for is forgotten at its end. Rounds ask in much the same order,
/// each service once, so what comes next is mostly known without looking it up.
/// </summary>
internal sealed class ServiceMemo<T>
{
    private readonly Dictionary<MeshService, Entry> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly List<(MeshService Service, Entry Entry)> _order = [];
    private int _next;
    private long _round;

    public int Count => _entries.Count;

    public void Begin() => (_next, _round) = (0, _round + 1);

    /// <param name="service">The service.</param>
    /// <param name="input">What else the value is made from, besides what the memo is cleared for.</param>
    /// <param name="make">Makes it, from these two only.</param>
    public T Get<TInput>(MeshService service, TInput input, Func<MeshService, TInput, T> make)
        where TInput : class?
    {
        if (_next < _order.Count && ReferenceEquals(_order[_next].Service, service) && Equals(_order[_next].Entry.Input, input))
        {
            return _order[_next++].Entry.In(_round).Value;
        }

        if (!_entries.TryGetValue(service, out var entry))
        {
            _entries[service] = entry = new(input, make(service, input));
            _order.Insert(_next++, (service, entry.In(_round)));
            return entry.Value;
        }

        if (!Equals(entry.Input, input))
        {
            (entry.Value, entry.Input) = (make(service, input), input);
        }

        Advance(service, entry.In(_round));
        return entry.Value;
    }

    public T? Find(MeshService service) => _entries.TryGetValue(service, out var entry) ? entry.Value : default;

    /// <summary>Replaces what is known of a service; <see cref="Get"/> finds it for an equal input.</summary>
    public void Set(MeshService service, object? input, T value)
    {
        if (_entries.TryGetValue(service, out var entry))
        {
            (entry.Input, entry.Value) = (input, value);
        }
        else
        {
            _entries[service] = new(input, value);
        }
    }

    /// <summary>Returns what is forgotten.</summary>
    public T[] End()
    {
        _order.RemoveRange(_next, _order.Count - _next);
        if (_order.Count == _entries.Count)
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

    public void Clear()
    {
        _entries.Clear();
        _order.Clear();
    }

    // Services before it are not asked for any longer; or it stands elsewhere now.
    private void Advance(MeshService service, Entry entry)
    {
        var found = _order.FindIndex(_next, asked => ReferenceEquals(asked.Service, service));
        if (found < 0)
        {
            _order.Insert(_next, (service, entry));
        }
        else
        {
            _order.RemoveRange(_next, found - _next);
        }

        _next++;
    }

    private sealed class Entry(object? input, T value)
    {
        public object? Input { get; set; } = input;

        public T Value { get; set; } = value;

        /// <summary>When it was last asked for.</summary>
        public long Round { get; private set; }

        public Entry In(long round)
        {
            Round = round;
            return this;
        }
    }
}

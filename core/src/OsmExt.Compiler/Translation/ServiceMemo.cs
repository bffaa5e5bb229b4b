using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// What was made of each service the last time. The policy compiler hands out the same object for a service that did not change,
/// so a service is looked up by reference. What a round does not ask for is forgotten at its end. Rounds ask in much the same order,
/// each service once, so what comes next is mostly known without looking it up. There are a few of these for each scope: a table for
/// looking up is made only when it is of use.
/// </summary>
internal sealed class ServiceMemo<T>
{
    // Looked through faster than a table is made.
    private const int Few = 64;

    private readonly List<Entry> _order = [];
    private readonly List<Entry> _replaced = [];

    // Everything known, also what was passed over in this round. Null as long as that is _order.
    private Dictionary<MeshService, Entry>? _table;
    private int _next;
    private int _looked;
    private long _round;

    public int Count => _table?.Count ?? _order.Count;

    /// <summary>What was made, in the order in which the last round asked for it.</summary>
    public IEnumerable<T> Values => _order.Select(entry => entry.Value);

    private Dictionary<MeshService, Entry> Table => _table ??= TableOf(_order);

    public void Begin() => (_next, _looked, _round) = (0, 0, _round + 1);

    /// <param name="service">The service.</param>
    /// <param name="input">What else the value is made from, besides what the memo is cleared for.</param>
    /// <param name="make">Makes it, from these two only; what was made of the service for another input is told for comparison.</param>
    public T Get<TInput>(MeshService service, TInput input, Func<MeshService, TInput, T?, T> make)
        where TInput : class?
    {
        var next = _next < _order.Count ? _order[_next] : null;
        if (ReferenceEquals(next?.Service, service))
        {
            _next++;
            return next.For(input, make, _round);
        }

        if (_table is null && next is not null && next.Service.Name == service.Name && next.Service.Port == service.Port)
        {
            // It has changed, and nothing but what stands here can be known of it: no reason for a table.
            _replaced.Add(next);
            return (_order[_next++] = new(service, input, make(service, input, default)) { Round = _round }).Value;
        }

        if (!IsKnown(service) || !Table.TryGetValue(service, out var entry))
        {
            entry = new(service, input, make(service, input, default)) { Round = _round };
            _table?.Add(service, entry);
            _order.Insert(_next++, entry);
            return entry.Value;
        }

        Advance(entry);
        return entry.For(input, make, _round);
    }

    /// <summary>Replaces what is known of a service; <see cref="Get"/> finds it for an equal input.</summary>
    public void Set(MeshService service, object? input, T value)
    {
        var entry = _table is null && _order.Count <= Few ? _order.Find(entry => ReferenceEquals(entry.Service, service)) : Table.GetValueOrDefault(service);
        if (entry is null)
        {
            Table[service] = entry = new(service, input, value);
            _order.Add(entry);
        }

        (entry.Input, entry.Value) = (input, value);
    }

    /// <summary>Returns what is forgotten.</summary>
    public T[] End()
    {
        var left = _table?.Values ?? (IEnumerable<Entry>)_order[_next..];
        T[] unused = [.. _replaced.Concat(left.Where(entry => entry.Round != _round)).Select(entry => entry.Value)];
        _order.RemoveRange(_next, _order.Count - _next);
        if (_order.Capacity > 2 * _order.Count)
        {
            _order.TrimExcess();
        }

        _replaced.Clear();
        _table = null;
        return unused;
    }

    public void Clear()
    {
        _order.Clear();
        _replaced.Clear();
        _table = null;
    }

    // Without a table nothing has been passed over in this round. A few that are new are found to be so faster than a table is made.
    private bool IsKnown(MeshService service)
        => _table is not null || _looked++ >= Few || _order.FindIndex(_next, entry => ReferenceEquals(entry.Service, service)) >= 0;

    private static Dictionary<MeshService, Entry> TableOf(List<Entry> entries)
    {
        var table = new Dictionary<MeshService, Entry>(entries.Count, ReferenceEqualityComparer.Instance);
        entries.ForEach(entry => table[entry.Service] = entry);
        return table;
    }

    // Services before it are not asked for any longer; or it stands elsewhere now.
    private void Advance(Entry entry)
    {
        var found = _order.IndexOf(entry, _next);
        if (found < 0)
        {
            _order.Insert(_next, entry);
        }
        else
        {
            _order.RemoveRange(_next, found - _next);
        }

        _next++;
    }

    private sealed class Entry(MeshService service, object? input, T value)
    {
        public MeshService Service => service;

        public object? Input { get; set; } = input;

        public T Value { get; set; } = value;

        /// <summary>When it was last asked for.</summary>
        public long Round { get; set; }

        public T For<TInput>(TInput wanted, Func<MeshService, TInput, T?, T> make, long round)
        {
            Round = round;
            if (!Equals(Input, wanted))
            {
                (Value, Input) = (make(service, wanted, Value), wanted);
            }

            return Value;
        }
    }
}

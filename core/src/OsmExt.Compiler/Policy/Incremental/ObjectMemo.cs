namespace OsmExt.Compiler.Policy.Incremental;

/// <summary>
/// What was made of each object in the last round. Objects never change, so one is known by reference; what else a value is made from is its input, which has to be equal.
/// What a round does not ask for is forgotten. It is filled by one round and then only read.
/// </summary>
internal sealed class ObjectMemo<TObject, TInput, TValue>
    where TObject : class
    where TInput : struct, IEquatable<TInput>
{
    private readonly Dictionary<TObject, (TInput Input, TValue Value)> _entries;
    private Dictionary<TObject, (TInput Input, TValue Value)>? _before;

    public ObjectMemo(ObjectMemo<TObject, TInput, TValue>? before)
    {
        _before = before?._entries;
        _entries = new(_before?.Count ?? 0, ReferenceEqualityComparer.Instance);
    }

    /// <param name="of">The object.</param>
    /// <param name="input">What else the value is made from.</param>
    /// <param name="make">Makes it, from these two only: give it a static function.</param>
    public TValue Get(TObject of, TInput input, Func<TObject, TInput, TValue> make)
    {
        if (_entries.TryGetValue(of, out var entry) && entry.Input.Equals(input))
        {
            return entry.Value;
        }

        if (_before is null || !_before.TryGetValue(of, out entry) || !entry.Input.Equals(input))
        {
            entry = (input, make(of, input));
        }

        _entries[of] = entry;
        return entry.Value;
    }

    /// <summary>The round is over.</summary>
    public ObjectMemo<TObject, TInput, TValue> Done()
    {
        _before = null;
        return this;
    }
}

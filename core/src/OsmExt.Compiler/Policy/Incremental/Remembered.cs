namespace OsmExt.Compiler.Policy.Incremental;

/// <summary>
/// A value together with all that it was made from. It is used again for an equal input and for no other; its maker is given the input and, to save work, the value
/// before, of which it may take only what it finds filed under an equal input itself.
/// </summary>
/// <param name="Input">What it was made from.</param>
/// <param name="Value">The value.</param>
internal sealed record Remembered<TInput, TValue>(TInput Input, TValue Value)
    where TInput : struct, IEquatable<TInput>
    where TValue : class
{
    public static Remembered<TInput, TValue> Of(Remembered<TInput, TValue>? known, TInput input, Func<TInput, TValue?, TValue> make)
        => known is not null && known.Input.Equals(input) ? known : new(input, make(input, known?.Value));
}

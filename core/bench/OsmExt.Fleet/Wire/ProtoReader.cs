namespace OsmExt.Fleet.Wire;

/// <summary>Walks through the fields of a protobuf message without making anything of them.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private const int LengthDelimited = 2;
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The field that was read.</summary>
    public int Field { get; private set; }

    /// <summary>Its content when it has a length; else empty.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Reads the next field; false at the end.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        Field = (int)(tag >> 3);
        Value = (tag & 7) switch
        {
            LengthDelimited => Take((int)Varint()),
            0 => Skip(Varint()),
            1 => Skip((ulong)Take(sizeof(ulong)).Length),
            5 => Skip((ulong)Take(sizeof(uint)).Length),
            var other => throw new InvalidDataException($"wire type {other}"),
        };
        return true;
    }

    private static ReadOnlySpan<byte> Skip(ulong _) => default;

    private ReadOnlySpan<byte> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var (at, shift) = (0, 0); ; at++, shift += 7)
        {
            value |= (ulong)(_rest[at] & 0x7F) << shift;
            if (_rest[at] < 0x80)
            {
                _rest = _rest[(at + 1)..];
                return value;
            }
        }
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OsmExt.Sdk.Identity;

/// <summary>
/// Key material. Printing, formatting or serializing it gives a redaction; the bytes are reached only through
/// <see cref="Reveal"/>, so that every place that touches them can be found.
/// </summary>
[JsonConverter(typeof(RedactingConverter))]
public sealed class SecretBytes : IEquatable<SecretBytes>
{
    private const string Redaction = "[redacted]";
    private readonly byte[] _value;

    /// <summary>Copies the bytes.</summary>
    public SecretBytes(ReadOnlySpan<byte> value) => _value = value.ToArray();

    /// <summary>How many bytes there are.</summary>
    public int Length => _value.Length;

    /// <summary>The bytes themselves. Never log or store what this returns.</summary>
    public ReadOnlyMemory<byte> Reveal() => _value;

    /// <summary>Whether both hold the same bytes; takes the same time wherever they differ.</summary>
    public bool Equals(SecretBytes? other) => other is not null && CryptographicOperations.FixedTimeEquals(_value, other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SecretBytes);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.Length;

    /// <summary>A redaction.</summary>
    public override string ToString() => Redaction;

    // Without it the serializer would fail on the constructor's span.
    private sealed class RedactingConverter : JsonConverter<SecretBytes>
    {
        public override SecretBytes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => throw new JsonException("Key material is not read from JSON.");

        public override void Write(Utf8JsonWriter writer, SecretBytes value, JsonSerializerOptions options) => writer.WriteStringValue(Redaction);
    }
}

using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy.Tests.Samples;

/// <summary>Messages of any type, filled with values that are awkward to write down.</summary>
internal sealed class RandomMessages(int seed)
{
    private static readonly string[] Texts =
    [
        "a", "yes", "NO", "null", "~", "true", "y", "0", "-1", "+1", "0644", "0x1F", "1e3", "1_000", "1:30", "12:30:45", "2030-01-31", ".5", "5.",
        ".inf", "NaN", "10.0.0.1", "1.2.3", "5s", "0.25s", "s", "...", "---", "--- a", "-", "- a", "?", "? a", ":", "a:", "a: b", "a:b", "a #b", "#a",
        "[", "]", "{a}", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a`", "<<", "=", "'", "\"", "\\", "\\n", " a", "a ", "a  b", "\t", "a\tb", "\n",
        "a\n", "a\nb", "a\n\n", "\na", "a\n\nb\n", "a\n b\n", "  a\nb", "a\n \nb", "a \nb", "a\r\nb", "\r", "a\n---\nb\n", "a\n# b\n", "\0", "\u0007",
        "\u007f", "\u0085", "\u00a0", "\u2028", "\ufeff", "\ufffe", "é", "日本", "😀", "😀\n😀\n", "a, b", "/x?y=z&a=b", "%REQ(:METHOD)%", "$.a",
        "spiffe://cluster.local/ns/a/sa/b", "multi\n  indented\n\ttabbed\nend", new string('k', 2000),
        new string('é', 600) + "\n" + new string('x', 100),
    ];

    private readonly Random _random = new(seed);
    private readonly MessageDescriptor[] _packed = [.. EnvoyTypes.All.Where(type => !type.FullName.StartsWith("validate.", StringComparison.Ordinal))];

    public IMessage Next(MessageDescriptor type, int depth = 4) => type.FullName switch
    {
        "google.protobuf.Any" => NextAny(depth),
        "google.protobuf.Duration" => new Duration { Seconds = _random.Next(2) * 315_575_999_999L, Nanos = _random.Next(2) * _random.Next(999_999_999) },
        "google.protobuf.Timestamp" => new Timestamp { Seconds = _random.NextInt64(-62_135_596_800, 253_402_300_799), Nanos = _random.Next(2) * 120_000_000 },
        "google.protobuf.FieldMask" => new FieldMask { Paths = { Enumerable.Range(0, _random.Next(3)).Select(number => $"field_a.b{number}") } },
        "google.protobuf.Struct" => NextStruct(depth),
        "google.protobuf.ListValue" => new ListValue { Values = { Enumerable.Range(0, _random.Next(3)).Select(_ => NextValue(depth - 1)) } },
        "google.protobuf.Value" => NextValue(depth),
        _ => NextPlain(type, depth),
    };

    private IMessage NextPlain(MessageDescriptor type, int depth)
    {
        var message = type.Parser.ParseFrom([]);
        var chosen = type.Oneofs.Where(oneof => !oneof.IsSynthetic).Select(oneof => oneof.Fields[_random.Next(oneof.Fields.Count)]).ToHashSet();
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            var left = field.RealContainingOneof is not null && !chosen.Contains(field);
            if (_random.Next(3) == 0 || left || (field.FieldType == FieldType.Message && depth <= 0))
            {
                continue;
            }

            if (field.IsMap)
            {
                FillMap((IDictionary)field.Accessor.GetValue(message), field.MessageType, depth);
            }
            else if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                for (var count = _random.Next(3); count > 0; count--)
                {
                    list.Add(NextSingle(field, depth - 1));
                }
            }
            else
            {
                field.Accessor.SetValue(message, NextSingle(field, depth - 1));
            }
        }

        return message;
    }

    private void FillMap(IDictionary map, MessageDescriptor entry, int depth)
    {
        for (var count = _random.Next(3); count > 0; count--)
        {
            map[NextSingle(entry.FindFieldByNumber(1), 0)] = NextSingle(entry.FindFieldByNumber(2), depth - 1);
        }
    }

    private object NextSingle(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.String => NextText(),
        FieldType.Bytes => ByteString.CopyFrom([.. Enumerable.Range(0, _random.Next(5)).Select(_ => (byte)_random.Next(256))]),
        FieldType.Bool => _random.Next(2) == 0,
        FieldType.Enum => _random.Next(5) == 0 ? _random.Next() : field.EnumType.Values[_random.Next(field.EnumType.Values.Count)].Number,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => Pick(0, 1, int.MinValue, int.MaxValue),
        FieldType.UInt32 or FieldType.Fixed32 => Pick(0u, 1u, uint.MaxValue),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => Pick(0L, 1L, long.MinValue, long.MaxValue),
        FieldType.UInt64 or FieldType.Fixed64 => Pick(0ul, 1ul, ulong.MaxValue),
        FieldType.Float => Pick(0f, -0f, 0.1f, float.MaxValue, float.Epsilon, float.NaN, float.NegativeInfinity),
        FieldType.Double => Pick(0, -0.0, 0.1, 1e22, 1e15, double.MaxValue, double.Epsilon, double.NaN, double.PositiveInfinity),
        _ when field.MessageType.File.Name == "google/protobuf/wrappers.proto" => NextSingle(field.MessageType.FindFieldByNumber(1), 0),
        _ => Next(field.MessageType, depth),
    };

    private Any NextAny(int depth) => Pack(Next(depth <= 0 ? Empty.Descriptor : _packed[_random.Next(_packed.Length)], depth - 1));

    private static Any Pack(IMessage message) => new()
    {
        TypeUrl = TypeUrls.Of(message.Descriptor),
        Value = UnsafeByteOperations.UnsafeWrap(XdsResource.Serialize(message)),
    };

    private Struct NextStruct(int depth)
    {
        var structure = new Struct();
        for (var count = _random.Next(4); count > 0; count--)
        {
            structure.Fields[NextText()] = NextValue(depth - 1);
        }

        return structure;
    }

    private Value NextValue(int depth) => _random.Next(depth <= 0 ? 4 : 6) switch
    {
        0 => Value.ForNull(),
        1 => Value.ForBool(_random.Next(2) == 0),
        2 => Value.ForNumber(Pick(0, -1, 0.5, -0.0, 1e22, 1e300, double.Epsilon, 9007199254740992, 123456789012345680000d)),
        3 => Value.ForString(NextText()),
        4 => Value.ForStruct(NextStruct(depth)),
        _ => Value.ForList([.. Enumerable.Range(0, _random.Next(3)).Select(_ => NextValue(depth - 1))]),
    };

    private string NextText() => Pick(Texts) + (_random.Next(6) == 0 ? Pick(Texts) : "");

    private T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}

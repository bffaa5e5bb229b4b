using System.Text;
using OsmExt.Envoy;
using OsmExt.Fleet.Wire;

namespace OsmExt.Fleet.Proxies;

/// <summary>A discovery response of either variant, with its resources as what is known of their contents.</summary>
internal sealed record Response(string TypeUrl, string Nonce, string Version, IReadOnlyList<Payload> Resources, IReadOnlyList<ResourceName> Removed)
{
    // The fields that count have the same numbers in DiscoveryResponse and DeltaDiscoveryResponse.
    private const int VersionField = 1;
    private const int ResourcesField = 2;
    private const int TypeUrlField = 4;
    private const int NonceField = 5;
    private const int RemovedField = 6;

    public static Response Read(ReadOnlySpan<byte> message, bool delta, ResourceTable table)
    {
        var (type, nonce, version) = (TypeOf(message), "", "");
        var (resources, removed) = (new List<Payload>(), new List<ResourceName>());
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case VersionField:
                    version = Encoding.ASCII.GetString(fields.Value);
                    break;
                case NonceField:
                    nonce = Encoding.ASCII.GetString(fields.Value);
                    break;
                case ResourcesField:
                    resources.Add(delta ? FromResource(type, fields.Value, table) : FromAny(type, fields.Value, table));
                    break;
                case RemovedField when delta:
                    removed.Add(table.Get(type, fields.Value));
                    break;
            }
        }

        return new(type, nonce, version, resources, removed);
    }

    // It comes behind the resources, which cannot be read without it.
    private static string TypeOf(ReadOnlySpan<byte> message)
    {
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            if (fields.Field == TypeUrlField)
            {
                foreach (var known in TypeUrls.PushOrder)
                {
                    if (Ascii.Equals(fields.Value, known))
                    {
                        return known;
                    }
                }
            }
        }

        throw new InvalidDataException("a response of no type that was asked for");
    }

    // Resource {version 1, resource 2, name 3}
    private static Payload FromResource(string type, ReadOnlySpan<byte> resource, ResourceTable table)
    {
        ReadOnlySpan<byte> version = default, any = default, name = default;
        var fields = new ProtoReader(resource);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    version = fields.Value;
                    break;
                case 2:
                    any = fields.Value;
                    break;
                case 3:
                    name = fields.Value;
                    break;
            }
        }

        return table.Get(type, name).Holding(First(any, 2), version);
    }

    // Any {type_url 1, value 2}; whatever the type, its name is the first field.
    private static Payload FromAny(string type, ReadOnlySpan<byte> any, ResourceTable table)
    {
        var value = First(any, 2);
        return table.Get(type, First(value, 1)).Holding(value, default);
    }

    private static ReadOnlySpan<byte> First(ReadOnlySpan<byte> message, int field)
    {
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            if (fields.Field == field)
            {
                return fields.Value;
            }
        }

        return default;
    }
}

using Microsoft.AspNetCore.Http;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>How objects are written in a response.</summary>
internal enum Shape
{
    /// <summary>Whole.</summary>
    Object,

    /// <summary>As rows for people.</summary>
    Table,

    /// <summary>Only their metadata.</summary>
    Metadata,
}

/// <summary>What a client wants to be answered in, of what it accepts.</summary>
internal sealed record ResponseForm(Shape Shape, string Version)
{
    private static readonly ResponseForm Whole = new(Shape.Object, "");

    public string ContentType => Shape switch
    {
        Shape.Table => $"application/json;as=Table;v={Version};g=meta.k8s.io",
        _ => "application/json",
    };

    /// <summary>The first of what the client accepts that can be had; protobuf and CBOR cannot, clients that prefer them accept JSON too.</summary>
    public static ResponseForm Of(HttpRequest request)
    {
        var accepted = request.Headers.Accept.ToString();
        if (accepted.Length == 0)
        {
            return Whole;
        }

        foreach (var media in accepted.Split(','))
        {
            var parts = media.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0].Trim() is not ("application/json" or "*/*" or "application/*"))
            {
                continue;
            }

            var version = Parameter(parts, "v");
            switch (Parameter(parts, "as"))
            {
                case "":
                    return Whole;
                case "Table" when version is "v1" or "v1beta1":
                    return new(Shape.Table, version);
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when version is "v1" or "v1beta1":
                    return new(Shape.Metadata, version);
            }
        }

        throw Refusals.NotAcceptable();
    }

    private static string Parameter(string[] parts, string name)
        => parts.Skip(1).Select(part => part.Split('=', 2)).FirstOrDefault(pair => pair.Length == 2 && pair[0] == name)?[1] ?? "";
}

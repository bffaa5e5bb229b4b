using Envoy.Config.Accesslog.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.AccessLoggers.File.V3;
using Envoy.Extensions.AccessLoggers.Stream.V3;
using OsmExt.DataPlane.Observation.Formats;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.Envoy;
using UntypedStruct = Xds.Type.V3.TypedStruct;

namespace OsmExt.DataPlane.Observation.Logs;

/// <summary>What an access log does with a request.</summary>
internal delegate void AccessLogger(StreamRecord stream);

/// <summary>Makes the access logs of a configuration into what they do.</summary>
/// <param name="context">What formats know.</param>
/// <param name="places">Where lines go.</param>
/// <param name="counted">Where the statistics logger counts.</param>
/// <param name="draw">A number from 0 up to 1, for samples.</param>
internal sealed class AccessLoggers(FormatContext context, LogPlaces places, LoggedStatistics counted, Func<double> draw)
{
    /// <summary>Full name of the logger that counts; Envoy's API has it since 1.37.</summary>
    public const string Counting = "envoy.extensions.access_loggers.stats.v3.Config";

    /// <exception cref="FormatException">It asks for something that is not carried out.</exception>
    public AccessLogger Of(AccessLog log)
    {
        var (passes, write) = (LogFilter.Of(log.Filter, draw), Writer(log));
        return stream =>
        {
            if (passes(stream))
            {
                write(stream);
            }
        };
    }

    private AccessLogger Writer(AccessLog log)
    {
        switch (log.TypedConfig is { } packed ? EnvoyTypes.Unpack(packed) : null)
        {
            case StdoutAccessLog output:
                var printOutput = Print(output.AccessLogFormatCase == StdoutAccessLog.AccessLogFormatOneofCase.None ? null : output.LogFormat);
                return stream => places.Output.Write(printOutput(stream));
            case StderrAccessLog error:
                var printError = Print(error.AccessLogFormatCase == StderrAccessLog.AccessLogFormatOneofCase.None ? null : error.LogFormat);
                return stream => places.Error.Write(printError(stream));
            case FileAccessLog { AccessLogFormatCase: FileAccessLog.AccessLogFormatOneofCase.None or FileAccessLog.AccessLogFormatOneofCase.LogFormat } file:
                var printFile = Print(file.LogFormat);
                return stream => places.File(file.Path)?.Write(printFile(stream));
            case UntypedStruct untyped when TypeUrls.NameOf(untyped.TypeUrl) == Counting:
                return StatisticsLogger.Of(untyped.Value ?? new(), context, counted);
            case FileAccessLog file:
                throw new FormatException($"access log format {file.AccessLogFormatCase} is not carried out here; write log_format");
            case var other:
                throw new FormatException($"access log {other?.Descriptor.FullName ?? log.Name} is not carried out here");
        }
    }

    private Func<StreamRecord, string> Print(SubstitutionFormatString? format)
    {
        switch (format?.FormatCase)
        {
            case null or SubstitutionFormatString.FormatOneofCase.None:
                return Plain(TextFormat.Parse(TextFormat.Standard));
            case SubstitutionFormatString.FormatOneofCase.TextFormatSource when format.TextFormatSource.SpecifierCase == DataSource.SpecifierOneofCase.InlineString:
                return Plain(TextFormat.Parse(format.TextFormatSource.InlineString));
            case SubstitutionFormatString.FormatOneofCase.JsonFormat:
                var json = JsonFormat.Of(format.JsonFormat);
                return stream => json.Print(stream, context);
            default:
                throw new FormatException($"log format {format.FormatCase} is not carried out here");
        }

        Func<StreamRecord, string> Plain(TextFormat text) => stream => text.Print(stream, context);
    }
}
